"""The way back: a number that returns to where it was is no deviation, though its model has followed it meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from typing import Final

from vedette.decision.levels import MEASURED, SLACK, Number
from vedette.records.finding import Finding, Kind
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.tree import Tree

RELEARNED: Final = 6 * 3600 * SECOND
"""Time at most after a return until the model is back, too: as it takes a level for the usual within four hours."""

LONGEST: Final = 12 * 3600 * SECOND
"""Time after which a level that stays is no excursion any longer; what is silent is not at a level."""

FORGOTTEN: Final = 30 * 86_400 * SECOND
"""Time after which what fell silent has no way back any longer."""

WHO: Final = ("clients", "users")
"""Who makes requests: no more of them than there are requests."""

MOST: Final = 2000
"""Numbers whose way back is known, 100 bytes each; of more, those that were away longest ago go."""


@dataclass(slots=True)
class Way:
    """Which way a number left its range, and what its range was: the first one, and the widest."""

    fell: bool
    first: float
    """End of the first range beyond which it was."""
    usual: float
    """What was expected at first."""
    lower: float
    upper: float
    began: int
    away: int
    """When it was seen there last, ns."""

    def is_away(self, value: float) -> bool:
        """Say whether a value still lies where the number went."""
        return value < self.first if self.fell else value > self.first

    def is_over(self, now: int) -> bool:
        """Say whether its model has had the time to come back: as long as the excursion took, but for hours at most."""
        return now - self.away > min(self.away - self.began, RELEARNED) or now - self.began > FORGOTTEN

    def leads(self, finding: Finding) -> bool:
        """Say whether a finding is the return: the other way, no further than the range, seen by a model that moved."""
        if self.fell:
            return finding.expected < finding.actual <= self.upper * SLACK
        return (
            self.lower / SLACK <= finding.actual < finding.expected and 2.0 * finding.expected > self.usual + self.first
        )


class Returns:
    """The numbers of a shard that left their ranges and may return.

    Notes
    -----
    The baseline takes a level that stays for hours as usual; the return then deviates the other way, and would be told
    as new trouble. Here a finding is held against the range that the number left first, and, as hours differ, those
    that it should have been in meanwhile, a factor of two either way. Security is never a return.

    **It fails** where the rhythm of the day has moved by more than that since, after half a day at another level, and
    for as long hides a drop to no less than half of what was usual before a surge.

    Cost: a comparison for each known number and window.
    """

    def __init__(self) -> None:
        self._ways: dict[Number, Way] = {}

    def without(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Return the findings that are no returns."""
        return tuple(one for one in findings if not self._leads(one))

    def step(self, now: int, findings: Sequence[Finding], value_of: Callable[[Number], float | None]) -> None:
        """Take in the findings and values of the window that ends at `now` (ns)."""
        for number, way in self._ways.items():
            value = value_of(number)
            silent = way.fell and value == 0.0
            if value is not None and way.is_away(value) and (silent or now - way.began <= LONGEST):
                way.away = now
        self._ways = {number: way for number, way in self._ways.items() if not way.is_over(now)}
        for finding in findings:
            if finding.detector in MEASURED and finding.kind is not Kind.SECURITY:
                self._leave(finding)
        if len(self._ways) > MOST:
            latest = sorted(self._ways.items(), key=lambda item: (-item[1].away, item[0]))[:MOST]
            self._ways = dict(latest)

    def _leave(self, finding: Finding) -> None:
        number, fell = (finding.segment, finding.feature), finding.actual < finding.expected
        way = self._ways.get(number)
        if way is None or way.fell != fell:
            first = finding.lower if fell else finding.upper
            self._ways[number] = Way(
                fell, first, finding.expected, finding.lower, finding.upper, finding.start, finding.end
            )
            return
        way.lower, way.upper, way.away = min(way.lower, finding.lower), max(way.upper, finding.upper), finding.end

    def _leads(self, finding: Finding) -> bool:
        way = self._ways.get((finding.segment, finding.feature))
        if way is not None and finding.detector in MEASURED and way.leads(finding):
            return True
        # that there are fewer of them is never told: they come back with their requests
        way = self._ways.get((finding.segment, "requests")) if finding.feature in WHO else None
        return way is not None and way.fell and way.leads(finding)

    def snapshot(self) -> Tree:
        """Return the ways as JSON-able rows."""
        rows = [
            [segment.environment, segment.service, segment.operation, feature, *astuple(way)]
            for (segment, feature), way in self._ways.items()
        ]
        return {"ways": rows}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._ways = {(Segment(*row[:3]), row[3]): Way(*row[4:]) for row in tree["ways"]}
