"""Error budgets that burn too fast, as findings: how urgent, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from vedette.decision.plan import Planned
from vedette.decision.points import CALLS
from vedette.decision.words import amount, lasting
from vedette.records.context import EventKind
from vedette.records.finding import Finding, Kind
from vedette.records.objective import ALERTS, DAY, Burn, Indicator, Objective
from vedette.records.segment import Segment
from vedette.records.window import Window

DECADES: Final = dict(zip([alert.rate for alert in ALERTS], (8.0, CALLS, 0.5, -0.5), strict=True))
"""How far beyond the threshold an alert's rate lies: critical and high, which call at once; medium and low, which call
when they last for a second window. The workbook pages for the first two and opens a ticket for the others."""


def burning(window: Window, burns: Sequence[Burn], planned: Sequence[Planned], threshold: float) -> Iterator[Finding]:
    """Yield the findings of a window; the services of a maintenance are spared, their budgets are not."""
    rests = [one.event for one in planned if one.event.kind is EventKind.MAINTENANCE]
    for burn in burns:
        segment = burn.budget.segment
        if not any(event.concerns(segment) for event in rests):
            yield _finding(window, burn, segment, threshold)


def _finding(window: Window, burn: Burn, segment: Segment, threshold: float) -> Finding:
    objective = burn.budget.objective
    decades = DECADES[burn.alert.rate]
    return Finding(
        detector="slo",
        segment=segment,
        feature=f"slo: {objective.name}",
        kind=Kind.PERFORMANCE,
        start=window.start,
        end=window.end,
        actual=burn.share,
        expected=objective.allowed,
        lower=0.0,
        upper=objective.allowed,
        p_value=threshold * 10.0**-decades,
        surprise=max(decades, 0.0),
        threshold=threshold,
        counterfactual=min(burn.alert.rate * objective.allowed * burn.alert.long / burn.known, 1.0),
        unit="1",
        entities=window.context.entities(segment),
        evidence=window.context.evidence(segment),
        told=told(burn),
    )


def told(burn: Burn) -> str:
    """Return what is promised, what came instead, and how long the budget lasts."""
    objective = burn.budget.objective
    share, allowed = amount(burn.share, "1"), amount(objective.allowed, "1")
    return (
        f"objective “{objective.name}” promises that {objective.percent:g} % of requests {_good(objective)} in "
        f"{objective.window / DAY:g} days; in the last {lasting(min(burn.alert.long, burn.known))} {burn.bad} of "
        f"{burn.total} did not, {share} where {allowed} are allowed: the error budget burns {burn.rate:.3g} times as "
        f"fast as it may, {_outlook(burn)}"
    )


def _good(objective: Objective) -> str:
    if objective.indicator is Indicator.LATENCY:
        return f"are answered within {amount(objective.threshold, 's')}"
    return "are answered without a server error"


def _outlook(burn: Burn) -> str:
    left = burn.budget.left
    if left <= 0.0:
        return f"and is overdrawn ({amount(1.0 - left, '1')} of it used)"
    return f"{amount(left, '1')} of it is left and gone in {_time(left * burn.budget.objective.window / burn.rate)}"


def _time(nanoseconds: float) -> str:
    return f"{nanoseconds / DAY:.1f} days" if nanoseconds >= 2 * DAY else lasting(round(nanoseconds))
