"""What a list of indicators holds: values that are known to be bad, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import blake2b
from typing import Final
from uuid import UUID

LEVELS: Final = ("informational", "low", "medium", "high", "critical")
"""Sigma's words, as rules have them."""

UNKNOWN: Final = -1
"""Confidence where a list gives none."""

BEGINNING: Final = -(1 << 63)
END: Final = (1 << 63) - 1
"""Times of what is valid from ever, or for ever; ns since the epoch."""

STEPS: Final = ((75, "high"), (50, "medium"), (25, "low"), (0, "informational"))
"""Least confidence, in percent, of each level, where a list gives no severity: quarters of the scale of STIX 2.1."""


class Kind(IntEnum):
    """What a value is; the number is part of its hash."""

    ADDRESS = 1
    """An IPv4 or IPv6 address or a range of them (CIDR)."""
    DOMAIN = 2
    """A domain; what is under it matches, too."""
    URL = 3
    HASH = 4
    """MD5, SHA-1 or SHA-256 of a file, hexadecimal."""
    EMAIL = 5
    AGENT = 6
    """A whole user agent."""
    PROCESS = 7
    """The name of an executable, without its folder."""

    @property
    def word(self) -> str:
        """As people say it."""
        return _WORDS[self]


_WORDS: Final = {
    Kind.ADDRESS: "address",
    Kind.DOMAIN: "domain",
    Kind.URL: "URL",
    Kind.HASH: "file hash",
    Kind.EMAIL: "e-mail address",
    Kind.AGENT: "user agent",
    Kind.PROCESS: "process name",
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One value that a list names.

    Parameters
    ----------
    kind, value
        The value as events are compared with it (`vedette.indicators.values`).
    label
        What the list says it is, such as a malware's name; may be empty.
    level
        One of `LEVELS`.
    confidence
        0–100, `UNKNOWN` where the list gives none.
    techniques
        ATT&CK ids that the list itself names.
    since, until
        When it is valid, ns since the epoch; ``until`` is the first moment when it no longer is.
    reference
        Where the list says more; may be empty.
    feed
        Name of the list.
    """

    kind: Kind
    value: str
    label: str = ""
    level: str = "medium"
    confidence: int = UNKNOWN
    techniques: tuple[str, ...] = ()
    since: int = BEGINNING
    until: int = END
    reference: str = ""
    feed: str = ""

    @property
    def shown(self) -> str:
        """The value as it may be told: an e-mail address may be one of our own users', and is not."""
        return "<email>" if self.kind is Kind.EMAIL else self.value


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be taken from a list, and why; the rest was."""

    place: str
    """``file:line`` or a STIX id."""
    cause: str

    def __str__(self) -> str:
        return f"{self.place}: {self.cause}"


@dataclass(slots=True)
class Reading:
    """What was made of a list."""

    found: list[Indicator] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    """Entries that are fine and say nothing to look for, by reason."""

    def skip(self, reason: str) -> None:
        """Count an entry that is passed over."""
        self.passed[reason] = self.passed.get(reason, 0) + 1


def id_of(feed: str, kind: Kind, value: str) -> bytes:
    """Return the 16 bytes of the UUID that marks events: only UUIDs pass the privacy gate.

    It is of version 8 (RFC 9562, section 5.8), by which `vedette.records.rule.is_listed` tells it from a rule's.
    """
    digest = bytearray(blake2b(f"{feed}\0{kind:d}\0{value}".encode(), digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def mark_of(identity: bytes) -> str:
    """Return an id as it is written into a mark."""
    return str(UUID(bytes=identity))


def level_for(confidence: int, otherwise: str) -> str:
    """Return the level of a confidence, or what is asked for where there is none.

    >>> level_for(90, "low"), level_for(UNKNOWN, "low")
    ('high', 'low')
    """
    return next((level for least, level in STEPS if confidence >= least), otherwise)
