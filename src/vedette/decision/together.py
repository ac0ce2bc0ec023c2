"""What is found where numbers of one service do not go together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import log10
from typing import Final

import numpy as np

from vedette.decision.evidence import Judge, Judgment
from vedette.decision.selftest import group_of
from vedette.decision.words import amount, span
from vedette.records.feature import feature_of, label_of
from vedette.records.finding import Finding
from vedette.records.joint import Part, Together
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.state.tree import Tree

NAMED: Final = 3
"""Other numbers named, the most telling ones."""


class Spaces:
    """The spaces of numbers that go together, one a service, and what is gathered against each."""

    def __init__(self) -> None:
        self.evidence = Judge()
        self._segments: list[Segment] = []

    def judge(self, together: Together, bar: float, spared: Iterable[str]) -> Judgment:
        """Return verdicts on the spaces of a window, new ones included; groups named in `spared` are not tested."""
        self._segments += together.segments
        self.evidence.grow(_groups(together.segments))
        return self.evidence.judge(together.slot, together.scores, bar, spared)

    def snapshot(self) -> Tree:
        """Return the evidence, and the segments that it is of."""
        segments = [[one.environment, one.service] for one in self._segments]
        return {"joint": self.evidence.snapshot(), "spaces": segments}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; what is older than this was has no spaces."""
        if "joint" in tree:
            self._segments = [Segment(environment, service, "") for environment, service in tree["spaces"]]
            self.evidence.restore(tree["joint"], _groups(self._segments))


def apart(window: Window, together: Together, judged: Judgment, threshold: float) -> Iterator[Finding]:
    """Yield a finding for each number that does not go with the others, its decades by its share of what is odd."""
    for row in np.flatnonzero(judged.odd).tolist():
        chance = float(judged.chance[row])
        decades = log10(threshold) - log10(max(chance, 1e-300))
        parts = together.parts(row)
        for part in parts:
            yield _finding(window, part, threshold, decades * part.share / parts[0].share, float(judged.p_value[row]))


def _groups(segments: Sequence[Segment]) -> list[str]:
    return [group_of(one, "together") for one in segments]


def _finding(window: Window, part: Part, threshold: float, lies: float, p_value: float) -> Finding:
    series, feature = part.series, feature_of(part.series.feature)
    upward = part.actual >= part.expected
    return Finding(
        detector="joint",
        segment=series.segment,
        feature=f"together: {label_of(series.feature)}",
        kind=feature.kind,
        start=window.start,
        end=window.end,
        actual=part.actual,
        expected=part.expected,
        lower=part.lower,
        upper=part.upper,
        p_value=threshold * 10.0**-lies,
        surprise=-log10(max(p_value, 1e-300)),
        threshold=threshold,
        counterfactual=part.upper if upward else part.lower,
        unit=feature.unit,
        entities=window.context.entities(series.segment),
        evidence=window.context.evidence(series.segment),
        told=told(part),
    )


def told(part: Part) -> str:
    """Return in words what does not go with what."""
    unit = feature_of(part.series.feature).unit
    others = [
        f"{label_of(one.feature)} of {amount(value, feature_of(one.feature).unit)}"
        for one, value in part.others[:NAMED]
    ]
    usual = span(part.lower, part.upper, unit)
    return f"{label_of(part.series.feature)} {amount(part.actual, unit)}, where {usual} goes with {_listed(others)}"


def _listed(words: list[str]) -> str:
    """Return words as a list.

    >>> _listed(["a"]), _listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
