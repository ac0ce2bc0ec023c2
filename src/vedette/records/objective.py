"""Service-level objectives, and how fast their error budgets burn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vedette.records.segment import Segment
from vedette.records.time import SECOND

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


class Indicator(StrEnum):
    """What makes a request a good one."""

    AVAILABILITY = "availability"
    """It was answered, with no server error."""
    LATENCY = "latency"
    """It was answered within the threshold."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What share of a service's requests shall be good over a rolling window (OpenSLO's ratio metric).

    Parameters
    ----------
    name
        As people call it, unique.
    service, route, environment
        Whose requests; an empty route is the whole service. An empty environment stands for each by itself.
    indicator
        What a good request is.
    percent
        Share of good requests that is promised, in (0, 100).
    window
        Time over which it is promised, ns.
    threshold
        For latency: seconds within which a good request is answered.
    """

    name: str
    service: str
    percent: float
    indicator: Indicator = Indicator.AVAILABILITY
    route: str = ""
    environment: str = ""
    window: int = 30 * DAY
    threshold: float = 0.0

    @property
    def allowed(self) -> float:
        """Share of bad requests that the objective allows: the error budget."""
        return round(1.0 - self.percent / 100.0, 12)

    def concerns(self, segment: Segment) -> bool:
        """Say whether it is of this segment's requests."""
        placed = self.environment in ("", segment.environment)
        return placed and (segment.service, segment.operation) == (self.service, self.route)


@dataclass(frozen=True, slots=True)
class Alert:
    """Fires while the budget burns at `rate` or faster over both windows, ns: long for weight, short for "still"."""

    rate: float
    long: int
    short: int


ALERTS: Final = (
    Alert(14.4, HOUR, 5 * MINUTE),
    Alert(6.0, 6 * HOUR, 30 * MINUTE),
    Alert(3.0, DAY, 2 * HOUR),
    Alert(1.0, 3 * DAY, 6 * HOUR),
)
"""Most urgent first. Of a month's budget, 2 % in an hour, 5 % in six, 10 % in one day or in three (B. Beyer et al., The
Site Reliability Workbook, 2018, chapter 5, table 5-8 with the row for a day of its text)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How matters stand with an objective.

    ``left`` is the share of the window's error budget that is left; below 0 it is overdrawn.
    """

    objective: Objective
    segment: Segment
    left: float


@dataclass(frozen=True, slots=True)
class Burn:
    """An error budget that burns too fast.

    Parameters
    ----------
    budget
        Whose, and what is left of it.
    alert
        The most urgent one that fires.
    bad, total
        Requests in its long window.
    known
        Time of its long window that there is history of, ns.
    """

    budget: Budget
    alert: Alert
    bad: int
    total: int
    known: int

    @property
    def share(self) -> float:
        """Share of bad requests in the long window."""
        return self.bad / self.total

    @property
    def rate(self) -> float:
        """How many times as fast as it may the budget burns: at 1 it lasts for exactly the objective's window."""
        return self.share / self.budget.objective.allowed
