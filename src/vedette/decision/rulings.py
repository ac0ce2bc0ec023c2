"""What rules say, as findings: a level is a chance, and a rule that is usual somewhere calls nobody there.

The members of a family, such as the indicators of one list, are budgeted each and together: a list of which ever new
members match somewhere is usual there as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vedette.decision.budget import DAY
from vedette.decision.points import CALLS
from vedette.records.finding import Finding, Kind
from vedette.records.rule import Ruling
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.state.tree import Tree

DECADES: Final = {"critical": 8.0, "high": CALLS, "medium": 0.5, "low": 0.0}
"""How far beyond the threshold a level lies: critical and high call at once, medium calls when something else
deviates too or it lasts, low only joins what is open. Informational rules give no findings."""

USUAL: Final = 3.0
"""Windows a day in which a rule matches in a segment from which on that is usual there: more than a shift bears."""

Key = tuple[str, str, str, str]
"""Segment, and a rule or a family."""

LEARNED: Final = DAY
"""Time from a rule's first match in a segment until it may be found usual, ns."""

MOST: Final = 10_000
"""Pairs of segment and rule remembered; beyond it, the one that was quiet longest is forgotten."""


FEATURES: Final = {"sigma": "rule", "payload": "reading", "indicators": "indicator"}
"""Detector → what its findings are of."""


@dataclass(slots=True)
class Record:
    """How often a rule matched in a segment."""

    first: int
    last: int
    windows: int


class Rulebook:
    """Turns rulings into findings, and learns which rules match all the time."""

    def __init__(self) -> None:
        self._records: dict[Key, Record] = {}

    def findings(
        self, window: Window, rulings: Sequence[Ruling], threshold: float, is_busy: Callable[[Segment], bool]
    ) -> Iterator[Finding]:
        """Yield a window's findings; `is_busy` says whether something else deviates in a segment's service."""
        strong = {
            ruling.segment for ruling in rulings if DECADES.get(ruling.level, 0.0) > 0 and not self._usual(ruling)
        }
        for ruling in rulings:
            usual = self._usual(ruling)
            expected = self._expected(ruling, window.width)
            self._note(ruling, window.start)
            decades = DECADES.get(ruling.level, -1.0)
            decades = min(decades, 0.0) if usual else decades
            joins = is_busy(ruling.segment) or ruling.segment in strong
            if decades > 0 or (decades == 0 and joins):
                yield _finding(window, ruling, threshold, decades, expected)

    def _usual(self, ruling: Ruling) -> bool:
        return self._often(_key(ruling)) or (bool(ruling.family) and self._often(_family(ruling)))

    def _often(self, key: Key) -> bool:
        record = self._records.get(key)
        if record is None or record.last - record.first < LEARNED:
            return False
        return record.windows * DAY / (record.last - record.first) > USUAL

    def _expected(self, ruling: Ruling, width: int) -> float:
        """Return in what share of the windows the rule matched here so far."""
        record = self._records.get(_key(ruling))
        if record is None or record.last <= record.first:
            return 0.0
        return min(record.windows * width / (record.last - record.first + width), 1.0)

    def _note(self, ruling: Ruling, start: int) -> None:
        """Count a match of the ruling, and of its family where it is a member that was not met yet."""
        keys = [_key(ruling)]
        if ruling.family and _key(ruling) not in self._records:
            keys.append(_family(ruling))
        for key in dict.fromkeys(keys):
            record = self._records.pop(key, None) or Record(start, start, 0)
            record.windows += record.last < start or not record.windows
            record.last = start
            if len(self._records) >= MOST:
                del self._records[next(iter(self._records))]
            self._records[key] = record

    def snapshot(self) -> Tree:
        """Return the records as JSON-able rows."""
        return {"records": [[*key, one.first, one.last, one.windows] for key, one in self._records.items()]}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._records = {tuple(row[:4]): Record(*row[4:]) for row in tree["records"]}


def _key(ruling: Ruling) -> Key:
    return (*ruling.segment.order, ruling.rule)


def _family(ruling: Ruling) -> Key:
    return (*ruling.segment.order, ruling.family)


def _finding(window: Window, ruling: Ruling, threshold: float, decades: float, expected: float) -> Finding:
    feature = FEATURES[ruling.detector]
    named = f"rule “{ruling.title}” ({ruling.rule}){f' by {ruling.author}' if ruling.author else ''}"
    note = named if feature == "rule" else ruling.note
    return Finding(
        detector=ruling.detector,
        segment=ruling.segment,
        feature=feature,
        kind=Kind.SECURITY,
        start=window.start,
        end=window.end,
        actual=float(ruling.count),
        expected=expected,
        lower=0.0,
        upper=0.0,
        p_value=threshold * 10.0**-decades,
        surprise=decades,
        threshold=threshold,
        counterfactual=0.0,
        unit="",
        item=ruling.title,
        entities=ruling.entities,
        techniques=ruling.techniques,
        evidence=(note, *ruling.evidence) if note else ruling.evidence,
    )
