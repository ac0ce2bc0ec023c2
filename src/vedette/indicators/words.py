"""An indicator in words, for findings and the command line."""

from __future__ import annotations

from vedette.indicators.model import BEGINNING, END, UNKNOWN, Indicator, Kind
from vedette.records.time import rfc3339


def title(one: Indicator) -> str:
    """Return what an incident says of it.

    >>> title(Indicator(Kind.DOMAIN, "bad.example", "Emotet", feed="own"))
    'domain bad.example is on the list “own”: Emotet'
    """
    label = "" if one.kind is Kind.EMAIL and "@" in one.label else one.label
    return f"{one.kind.word} {one.shown} is on the list “{one.feed}”{': ' + label if label else ''}"


def note(mark: str, one: Indicator) -> str:
    """Return all that is known of it in one line: what a person needs to judge the list's word."""
    return f"indicator {mark}: {', '.join([title(one), *facts(one)])}"


def facts(one: Indicator) -> list[str]:
    """Return confidence, techniques, validity and reference, as far as the list gives them."""
    found = [f"level {one.level}"]
    if one.confidence != UNKNOWN:
        found.append(f"confidence {one.confidence} %")
    if one.techniques:
        found.append(f"techniques {' '.join(one.techniques)}")
    if one.since != BEGINNING:
        found.append(f"valid from {rfc3339(one.since)[:10]}")
    if one.until != END:
        found.append(f"valid until {rfc3339(one.until)[:10]}")
    if one.reference:
        found.append(one.reference)
    return found
