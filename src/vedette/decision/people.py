"""Odd days of users and accounts, as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite, nan
from typing import Final

import numpy as np

from vedette.decision.points import CALLS
from vedette.decision.words import amount
from vedette.records.day import EntityDay, Reason, Roll, Verdicts, bare
from vedette.records.finding import Finding, Kind
from vedette.records.time import SECOND
from vedette.records.window import Window

HOURS_SHOWN: Final = 5

_LABELS: Final = {
    "events": "events",
    "bytes": "bytes moved",
    "failures": "failures",
    "jumps": "ways too far for the time",
    "hosts": "different hosts",
    "resources": "different resources",
    "off_events": "events at unusual hours",
    "off_bytes": "bytes at unusual hours",
    "hour": "an hour at which it is seldom active",
}
_NAMES: Final = {
    "host": ("a host", "hosts"),
    "country": ("a country", "countries"),
    "client": ("an address", "addresses"),
    "service": ("a service", "services"),
    "action": ("a kind of action", "kinds of action"),
    "resource": ("a resource", "resources"),
    "process": ("a program", "programs"),
    "host–process": ("a program on a host", "programs on hosts"),
    "service–client": ("a service from an address", "services from addresses"),
}
_TECHNIQUES: Final = {
    "failures": "T1110",
    "hosts": "T1021",
    "host": "T1021",
    "process": "T1059",
    "host–process": "T1059",
    "resource": "T1213",
    "resources": "T1213",
    "bytes": "T1048",
    "off_bytes": "T1048",
}
"""What a deviation suggests; another one: that somebody else uses the account."""
_STOLEN: Final = "T1078"
SUGGESTED: Final = frozenset((*_TECHNIQUES.values(), _STOLEN))
"""Techniques that a user's odd day may suggest."""
_EVENTS: Final = "{event}"


def odd_days(window: Window, roll: Roll, verdicts: Verdicts) -> Iterator[Finding]:
    """Yield the findings of a day, one for each reason of each entity that is an alert."""
    start, end = int(verdicts.start) * SECOND, window.end
    for row, reasons in sorted(verdicts.reasons.items()):
        segment = roll.segment(row)
        hours = _hours(roll.day, row)
        for reason in reasons:
            # a day is long enough evidence to call at once
            decades = CALLS * reason.decades / reasons[0].decades
            label, unit = _said(reason, roll.text)
            known = isfinite(reason.expected)
            yield Finding(
                detector="entities",
                segment=segment,
                feature=f"user_day: {label}",
                kind=Kind.SECURITY,
                start=start,
                end=end,
                actual=reason.actual,
                expected=reason.expected if known else 10.0**-reason.decades,
                lower=0.0,
                upper=reason.upper if known else 0.0,
                p_value=verdicts.threshold * 10.0**-decades,
                surprise=reason.decades,
                threshold=verdicts.threshold,
                counterfactual=(reason.expected if known else 0.0) if reason.decisive else nan,
                unit=unit,
                item=_item(reason, roll.text),
                entities=(segment.operation,),
                techniques=(_TECHNIQUES.get(bare(reason.channel), _STOLEN),),
                evidence=hours,
            )


def _said(reason: Reason, text: Callable[[int], str]) -> tuple[str, str]:
    """Return what a channel is called, and its unit."""
    number = reason.channel.removeprefix("adding up ")
    lately = ", more often of late" if number != reason.channel else ""
    if number in _LABELS:
        return _LABELS[number] + lately, "By" if "bytes" in number else _EVENTS
    kind, _, scope = number.partition(" ")
    if kind == "action":
        name = text(reason.item)
        return f"actions of one kind{f' ({name})' if name else ''}{lately}", _EVENTS
    one, many = _NAMES[scope]
    words = {"first": f"{one} not used before", "new": f"{many} not used before"}
    return words.get(kind, f"{many} that few others use") + lately, _EVENTS


def _item(reason: Reason, text: Callable[[int], str]) -> str:
    """Return what was new or unusual; nothing for numbers."""
    if isfinite(reason.expected):
        return ""
    if bare(reason.channel) == "hour":
        return f"{reason.item:02d}:00 UTC"
    return text(reason.item) or "one of them"


def _hours(day: EntityDay, row: int) -> tuple[str, ...]:
    """Return the entity's busiest hours of the day, by bytes, then events, in order of time."""
    mine = np.flatnonzero(day.hours.slot == int(day.entity[row]))
    count, size, hour = day.hours.count[mine], day.hour_size[mine], day.hours.item[mine] % np.uint64(24)
    best = np.lexsort((hour, -count, -size))[:HOURS_SHOWN]
    return tuple(
        f"{hour[k]:02d}:00–{hour[k]:02d}:59 UTC: {count[k]} events, {amount(float(size[k]), 'By')}"
        for k in sorted(best.tolist(), key=lambda k: int(hour[k]))
    )
