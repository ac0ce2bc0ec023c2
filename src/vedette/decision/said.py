"""What is said of a window beside its own numbers and items, and the findings that it makes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from vedette.decision.burns import burning
from vedette.decision.courses import turned
from vedette.decision.levels import Number
from vedette.decision.outcries import odd_alerts
from vedette.decision.people import odd_days
from vedette.decision.plan import Planned
from vedette.records.alert import Outcry
from vedette.records.course import Turn
from vedette.records.day import Roll, Verdicts
from vedette.records.drift import Change
from vedette.records.finding import Finding
from vedette.records.joint import Together, nothing_together
from vedette.records.objective import Burn
from vedette.records.rule import Ruling
from vedette.records.window import Window


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a window by rules, of users' days, alerts, budgets, courses, and of numbers that go together."""

    rulings: Sequence[Ruling] = ()
    lived: Sequence[tuple[Roll, Verdicts]] = ()
    outcries: Sequence[Outcry] = ()
    burns: Sequence[Burn] = ()
    together: Together = field(default_factory=nothing_together)
    turns: Sequence[Turn] = ()
    """Numbers whose course over hours is odd."""
    changes: Sequence[Change] = ()
    """Services that changed for everybody."""

    def findings(
        self, window: Window, planned: Sequence[Planned], threshold: float, silent: Collection[Number] = ()
    ) -> Iterator[Finding]:
        """Yield the findings of what is decided where it is said: users' days, alerts, courses, budgets."""
        for roll, verdicts in self.lived:
            yield from odd_days(window, roll, verdicts)
        for outcry in self.outcries:
            yield from odd_alerts(window, outcry, threshold)
        yield from turned(window, self.turns, threshold, silent)
        yield from burning(window, self.burns, planned, threshold)


NOTHING: Final = Said()
