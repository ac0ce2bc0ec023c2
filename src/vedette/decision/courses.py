"""What is found where the course of a number over hours is odd."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import log10
from typing import Final

from vedette.decision.bounds import presentable
from vedette.decision.levels import Number
from vedette.decision.words import amount, span
from vedette.records.course import Turn
from vedette.records.feature import feature_of, label_of
from vedette.records.finding import Finding
from vedette.records.window import Window

WHY: Final = {
    "level": "far from all of its past",
    "drifting": "its mean of hours has moved far",
    "season": "it left the course that its days take",
    "pattern": "its last hours are like none before",
    "together": "its course is odd in many ways at once",
}


def turned(
    window: Window, turns: Sequence[Turn], threshold: float, silent: Collection[Number] = ()
) -> Iterator[Finding]:
    """Yield a finding for each number whose course is odd, as of the window that ends the minutes that it is of.

    Of those in `silent` nothing is told. Nobody is named: who is most active when minutes end need not be who was odd.
    """
    for turn in turns:
        series, feature = turn.series, feature_of(turn.series.feature)
        if (series.segment, series.feature) in silent:
            continue
        yield Finding(
            detector="ensemble",
            segment=series.segment,
            feature=series.feature,
            kind=feature.kind,
            start=window.start,
            end=window.end,
            actual=turn.actual,
            expected=turn.expected,
            lower=turn.lower,
            upper=turn.upper,
            p_value=threshold * 10.0**-turn.above,
            surprise=turn.above - log10(threshold),
            threshold=threshold,
            counterfactual=presentable(turn.bearable, turn.expected, series.quantity),
            unit=feature.unit,
            techniques=feature.suggested(turn.actual, turn.expected),
            evidence=window.context.evidence(series.segment),
            told=told(turn),
        )


def told(turn: Turn) -> str:
    """Return in words what is odd about a course."""
    unit = feature_of(turn.series.feature).unit
    number, usual = amount(turn.actual, unit), span(turn.lower, turn.upper, unit)
    return f"{label_of(turn.series.feature)} {number}, normally {usual}: {WHY[turn.model]}"
