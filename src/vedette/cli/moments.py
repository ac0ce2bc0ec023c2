"""Times as people type them: ``2026-11-27T20:00+01:00``, ``now``, ``+90m``, ``-2h``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from vedette.config.values import duration
from vedette.engine.clock import now
from vedette.records.time import SECOND, from_rfc3339, rfc3339

if TYPE_CHECKING:
    Kind = click.ParamType[int]
else:  # not generic in the oldest click that will do
    Kind = click.ParamType


class MomentType(Kind):
    """A time, converted to ns since the epoch."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a time; fails in words."""
        if isinstance(value, int):
            return value
        try:
            return moment_of(str(value))
        except ValueError:
            wanted = "'now', '+90m', '-2h', or a time such as 2026-11-27T20:00+01:00"
            self.fail(f"got {value!r}, expected {wanted}", param, ctx)


class LengthType(Kind):
    """A length of time, converted to ns."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a length; fails in words."""
        if isinstance(value, int):
            return value
        try:
            return round(duration(value) * SECOND)
        except ValueError as wanted:
            self.fail(f"got {value!r}, expected {wanted}", param, ctx)


MOMENT: Final = MomentType()
LENGTH: Final = LengthType()


def moment_of(text: str) -> int:
    """Return ns since the epoch of a time as people type it; raises `ValueError`."""
    if text == "now":
        return now()
    if text[:1] in ("+", "-"):
        return now() + (1 if text[0] == "+" else -1) * round(duration(text[1:]) * SECOND)
    return from_rfc3339(text)


def sent(moment: int) -> str:
    """Return a time as the API takes it, to the millisecond."""
    return rfc3339(moment)
