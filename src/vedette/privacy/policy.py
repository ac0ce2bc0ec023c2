"""What becomes of each canonical column at the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from vedette.errors import ConfigError
from vedette.records import schema


class Treatment(StrEnum):
    """What the gate does with a column."""

    KEEP = "keep"
    """Pass unchanged: numbers, times, and words from closed sets."""
    MASK = "mask"
    """Replace what looks personal or secret by marks such as ``<email>``."""
    PSEUDONYM = "pseudonym"
    """Replace each value by a keyed token, the same for the same value."""
    ADDRESS = "address"
    """Replace an IP address by a keyed token, and treat names as `MASK` does."""
    NAMES = "names"
    """Keep the parameter names of a query, drop every value."""
    SHAPE = "shape"
    """Keep what has the grammar of a structure, replace the rest by ``!invalid``."""
    TOKENS = "tokens"
    """Of a JSON object, keep numbers and replace each text by a keyed token."""
    IDS = "ids"
    """Keep words that are UUIDs, drop all others."""
    DROP = "drop"


_DEFAULT: Final = MappingProxyType(
    {
        schema.TIME: Treatment.KEEP,
        schema.SERVICE: Treatment.MASK,
        schema.ENVIRONMENT: Treatment.MASK,
        schema.TIER: Treatment.MASK,
        schema.SEVERITY: Treatment.MASK,
        schema.BODY: Treatment.MASK,
        schema.METHOD: Treatment.MASK,
        schema.ROUTE: Treatment.MASK,
        schema.PATH: Treatment.MASK,
        schema.QUERY: Treatment.NAMES,
        schema.STATUS: Treatment.KEEP,
        schema.RESPONSE_SIZE: Treatment.KEEP,
        schema.REQUEST_SIZE: Treatment.KEEP,
        schema.DURATION: Treatment.KEEP,
        schema.CLIENT: Treatment.PSEUDONYM,
        schema.USER: Treatment.PSEUDONYM,
        schema.SESSION: Treatment.PSEUDONYM,
        schema.USER_AGENT: Treatment.MASK,
        schema.ERROR_TYPE: Treatment.MASK,
        schema.HOST: Treatment.MASK,
        schema.ACTION: Treatment.MASK,
        schema.OUTCOME: Treatment.MASK,
        schema.PROCESS: Treatment.MASK,
        schema.RESOURCE: Treatment.MASK,
        schema.COUNTRY: Treatment.MASK,
        schema.DATABASE: Treatment.MASK,
        schema.NAMESPACE: Treatment.MASK,
        schema.BROKER: Treatment.MASK,
        schema.PEER: Treatment.MASK,
        schema.SERVER: Treatment.ADDRESS,
        schema.SPAN_NAME: Treatment.MASK,
        schema.SPAN_KIND: Treatment.MASK,
        schema.TRACE_ID: Treatment.KEEP,
        schema.SPAN_ID: Treatment.KEEP,
        schema.PARENT_SPAN_ID: Treatment.KEEP,
        schema.BODY_SHAPE: Treatment.SHAPE,
        schema.ALERT: Treatment.MASK,
        schema.RAW: Treatment.DROP,
        schema.RULES: Treatment.IDS,
        schema.ASKED: Treatment.TOKENS,
        schema.METRIC_NAME: Treatment.MASK,
        schema.METRIC_KIND: Treatment.MASK,
        schema.METRIC_UNIT: Treatment.MASK,
        schema.METRIC_VALUE: Treatment.KEEP,
        schema.METRIC_COUNT: Treatment.KEEP,
        schema.ATTRIBUTES: Treatment.MASK,
        schema.SIMULATION: Treatment.MASK,
    }
)

SETTABLE: Final = ("keep", "mask", "pseudonym", "drop")
"""What a configuration may ask for; a raw record can't be kept."""

_FIXED: Final = (schema.TIME, schema.RAW, schema.RULES, schema.ASKED, schema.SIMULATION)
"""Columns whose treatment is not for a configuration to change."""

_TYPES: Final = {**schema.EVENT_COLUMNS, **schema.METRIC_COLUMNS}
_WORDS: Final = (schema.TEXT, schema.LABEL)


@dataclass(frozen=True, slots=True)
class Policy:
    """A treatment for each column; columns that are not in it are dropped."""

    treatments: Mapping[str, Treatment]

    @classmethod
    def default(cls) -> Policy:
        """Return the policy that lets nothing personal through."""
        return cls(_DEFAULT)

    def with_fields(self, fields: Mapping[str, str]) -> Policy:
        """Return a policy with some columns treated otherwise.

        Raises
        ------
        ConfigError
            For a column that does not exist, is needed, or a treatment that is not allowed; all at once.
        """
        problems = [problem for name, wish in fields.items() if (problem := self._problem(name, wish))]
        if problems:
            raise ConfigError(problems)
        return Policy({**self.treatments, **{name: Treatment(wish) for name, wish in fields.items()}})

    def _problem(self, name: str, wish: str) -> str:
        if name in _FIXED or name not in self.treatments:
            return f"privacy.fields: got {name!r}, allowed: {', '.join(sorted(set(self.treatments) - set(_FIXED)))}"
        allowed = SETTABLE if _TYPES[name] in _WORDS else ("keep", "drop")
        if wish not in allowed:
            return f"privacy.fields.{name}: got {wish!r}, allowed: {', '.join(allowed)}"
        return ""
