"""Indicators in CSV, as abuse.ch, MISP, OTX and others export them, and in plain lists of one value a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from vedette.errors import BadInput
from vedette.indicators.model import BEGINNING, END, LEVELS, UNKNOWN, Fault, Indicator, Kind, Reading, level_for
from vedette.indicators.values import kind_of, normal
from vedette.records.time import SECOND

LARGEST: Final = 256 << 20
"""Characters of a list: a million rows of abuse.ch's longest have 220 MB."""
WIDEST: Final = 1 << 16
"""Characters of one field."""

_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        ("ip", "ipv4", "ipv6", "ip-src", "ip-dst", "ip:port", "ip-dst|port", "ip-src|port", "address", "ipv4-addr",
         "ipv6-addr", "cidr", "dst_ip", "src_ip", "ip_address", "ipaddress", "netblock", "network", "subnet"),
        Kind.ADDRESS,
    ),
    **dict.fromkeys(("domain", "hostname", "host", "fqdn", "domain-name", "dns"), Kind.DOMAIN),
    **dict.fromkeys(("url", "uri", "link"), Kind.URL),
    **dict.fromkeys(
        ("md5", "sha1", "sha-1", "sha256", "sha-256", "hash", "file-hash", "md5_hash", "sha1_hash", "sha256_hash",
         "filehash-md5", "filehash-sha1", "filehash-sha256", "file_hash"),
        Kind.HASH,
    ),
    **dict.fromkeys(("email", "e-mail", "email-src", "email-dst", "email-addr", "email_address"), Kind.EMAIL),
    **dict.fromkeys(("user-agent", "user_agent", "useragent", "http-user-agent"), Kind.AGENT),
    **dict.fromkeys(("process", "process-name", "process_name", "image"), Kind.PROCESS),
}  # fmt: skip
"""What lists call the kinds, in a column of types or as the name of a column of values."""

_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "value": ("value", "ioc_value", "indicator", "ioc", "observable", "indicator_value"),
    "type": ("type", "ioc_type", "indicator_type", "indicator type"),
    "label": ("label", "malware_printable", "malware", "signature", "threat", "description", "comment", "title"),
    "level": ("level", "severity", "threat_level"),
    "confidence": ("confidence", "confidence_level", "score"),
    "since": ("valid_from",),
    "until": ("valid_until", "expires", "expiration", "expiry", "valid_to"),
    "seen": ("last_seen", "last_seen_utc", "last_online", "first_seen", "first_seen_utc", "dateadded", "date_added"),
    "techniques": ("technique", "techniques", "attack", "mitre", "tags"),
    "reference": ("reference", "urlhaus_link", "references", "source_url"),
    "to_ids": ("to_ids",),
}
"""Our names of columns, and what lists call them, best first."""

_TECHNIQUE: Final = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_BEHIND: Final = re.compile(r"[\s;#,]")
"""What ends the value in a plain list: ``192.0.2.0/24 ; SBL1``."""
_LEVELS: Final = {**{level: level for level in LEVELS}, "info": "informational", "moderate": "medium"}
_CONFIDENCES: Final = {"low": 15, "medium": 50, "med": 50, "high": 85}
"""STIX 2.1, appendix A: the scale of words."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator says about a list, where the list says nothing itself.

    Parameters
    ----------
    level
        Of indicators without severity and confidence.
    lasting
        Time that an indicator is valid after it was seen, ns; None for ever.
    now
        When the list came, ns since the epoch: from then on it counts for indicators without a date.
    reserved
        Take addresses of special ranges, too.
    """

    level: str = "medium"
    lasting: int | None = None
    now: int = 0
    reserved: bool = False

    def until(self, seen: int | None) -> int:
        """Return when an indicator that has no end of its own is no longer valid."""
        return END if self.lasting is None else (self.now if seen is None else seen) + self.lasting


@dataclass(frozen=True, slots=True)
class Header:
    """Which columns hold values, each of what kind (None: its row says), and where the others are."""

    values: tuple[tuple[int, Kind | None], ...]
    places: Mapping[str, int]

    @property
    def width(self) -> int:
        """Columns that a row must have."""
        return max(place for place, _ in self.values) + 1


def read(text: str, file: str, choices: Choices) -> Reading:
    """Return the indicators in a list; rows that can't be read are named with their line, and cost no other.

    Raises
    ------
    BadInput
        If the list is too large.
    """
    if len(text) > LARGEST:
        raise BadInput("list_too_large", detail=f"{file}: got {len(text)} characters, expected {LARGEST} at most")
    lines = text.removeprefix("\ufeff").splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip() and not _is_comment(line)), len(lines))
    header = next((found for line in lines[: first + 1] if (found := _header(_cells(line)))), None)
    reading = Reading()
    if header is None:
        for number, line in enumerate(lines[first:], first + 1):
            value = _BEHIND.split(line.strip(), maxsplit=1)[0].strip("\"'")
            if value and not _is_comment(line):
                _take(reading, f"{file}:{number}", partial(_bare, value, choices))
        return reading
    begin = first + 1 if first < len(lines) and _header(_cells(lines[first])) else first
    for number, cells in _rows(lines, begin):
        _take(reading, f"{file}:{number}", partial(_row, cells, header, choices, reading))
    return reading


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", ";", "//"))


def _cells(line: str) -> list[str]:
    """Return the cells of a line that may be a header, in a comment or not."""
    return next(csv.reader([line.lstrip("# ;")], skipinitialspace=True), [])


def _rows(lines: Sequence[str], begin: int) -> Iterator[tuple[int, list[str] | str]]:
    """Yield number and cells of each row, or what is wrong with it."""
    csv.field_size_limit(WIDEST)
    rows = csv.reader(("" if _is_comment(line) else line for line in lines[begin:]), skipinitialspace=True)
    while True:
        before = rows.line_num
        try:
            cells: list[str] | str = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            cells = str(error)
        if cells:
            yield begin + before + 1, cells


def _header(cells: Sequence[str]) -> Header | None:
    """Return what a line says of columns, None if it names none that holds values, or holds one itself."""
    if any(map(_is_value, cells)):
        return None
    names = [cell.strip().lower() for cell in cells]
    places = {
        ours: names.index(found)
        for ours, theirs in _ALIASES.items()
        if (found := next((name for name in theirs if name in names), None)) is not None
    }
    if "value" in places:
        return Header(((places["value"], None),), places)
    values = tuple((place, _KINDS[name]) for place, name in enumerate(names) if name in _KINDS)
    return Header(values, places) if values else None


def _is_value(cell: str) -> bool:
    try:
        kind_of(cell)
    except BadInput:
        return False
    return True


def _take(reading: Reading, place: str, make: Callable[[], Iterable[Indicator]]) -> None:
    try:
        reading.found += make()
    except BadInput as error:
        reading.faults.append(Fault(place, str(error)))


def _bare(value: str, choices: Choices) -> list[Indicator]:
    kind = kind_of(value)
    plain = normal(kind, value, reserved=choices.reserved)
    return [Indicator(kind, plain, level=choices.level, until=choices.until(None))]


def _row(cells: list[str] | str, header: Header, choices: Choices, reading: Reading) -> list[Indicator]:
    if isinstance(cells, str):
        raise BadInput("bad_row", detail=cells)
    if len(cells) < header.width:
        raise BadInput("bad_row", detail=f"got {len(cells)} columns, expected {header.width}: {','.join(cells)[:60]}")

    def cell(name: str) -> str:
        place = header.places.get(name, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    if cell("to_ids").lower() in ("0", "false"):
        reading.skip("not meant for detection (to_ids)")
        return []
    given = [(kind, text) for place, kind in header.values if (text := cells[place].strip())]
    pairs = [pair for kind, text in given if (pair := _typed(text, kind, cell("type")))]
    if not pairs:
        reading.skip(f"type {cell('type').lower()[:40]!r}, which is not looked up" if given else "no value")
        return []
    since, until, seen = (instant(cell(name)) for name in ("since", "until", "seen"))
    confidence = _confidence(cell("confidence"))
    level = _LEVELS.get(cell("level").lower()) or level_for(confidence, choices.level)
    end = choices.until(since if seen is None else seen) if until is None else until
    begin = BEGINNING if since is None else since
    if end <= begin:
        raise BadInput("bad_validity", detail=f"got an end of {cell('until')}, expected one after {cell('since')}")
    techniques = tuple(dict.fromkeys(_TECHNIQUE.findall(cell("techniques").upper())))
    label, reference = said(cell("label")), said(cell("reference"))
    return [
        Indicator(
            kind, normal(kind, value, reserved=choices.reserved), label, level, confidence, techniques, begin, end,
            reference,
        )
        for kind, value in pairs
    ]  # fmt: skip


def _typed(value: str, kind: Kind | None, type_: str) -> tuple[Kind, str] | None:
    """Return a value with its kind, None if its type is not looked up."""
    if kind is not None:
        return kind, value
    words = type_.strip().lower()
    if words in _KINDS or not words:
        return _KINDS.get(words) or kind_of(value), value
    for word, part in zip(words.split("|"), value.split("|"), strict=False):
        if word in _KINDS:
            return _KINDS[word], part.strip()
    return None


def said(text: str) -> str:
    """Return what a list says in words as one line of 200 characters at most; nothing for a word that says nothing."""
    return " ".join(text.split())[:200] if text.lower() not in ("none", "null", "n/a", "unknown", "-") else ""


def _confidence(text: str) -> int:
    if not text or text.lower() in ("none", "unknown"):
        return UNKNOWN
    if text.lower() in _CONFIDENCES:
        return _CONFIDENCES[text.lower()]
    try:
        number = float(text.rstrip("% "))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise BadInput("bad_confidence", detail=f"got {text[:20]!r}, expected 0 to 100, or low, medium, high")
    return round(number)


def instant(text: str) -> int | None:
    """Return ns since the epoch of a date, UTC where it does not say; None for no date.

    Raises
    ------
    BadInput
        If it is none.
    """
    if not text or text.lower() in ("none", "null"):
        return None
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(moment.timestamp()) * SECOND
    except (ValueError, OverflowError):
        raise BadInput(
            "bad_date", detail=f"got {text[:30]!r}, expected such as 2026-01-31 or 2026-01-31T12:00:00Z"
        ) from None
