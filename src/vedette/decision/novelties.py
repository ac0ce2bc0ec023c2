"""Items that are new or rare: the most surprising one of each scope is judged, and told as a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedette.decision.evidence import Judge, Judgment
from vedette.decision.selftest import group_of
from vedette.records.feature import feature_of
from vedette.records.finding import Finding
from vedette.records.observation import Scope
from vedette.records.score import Scores
from vedette.records.window import Window
from vedette.state.tree import Tree


@dataclass(frozen=True, slots=True)
class Candidates:
    """The most surprising item of each scope in a window, and what is made of it.

    ``rows`` are those of the window's occurrences; ``scores`` and ``judged`` go with them, in their order.
    """

    rows: NDArray[np.intp]
    scores: Scores
    judged: Judgment


class Novelties:
    """The scopes of a shard, and what is gathered against each."""

    def __init__(self) -> None:
        self.evidence = Judge()
        self._scopes: list[Scope] = []

    def grow(self, scopes: Sequence[Scope]) -> None:
        """Make room for new scopes."""
        self._scopes += scopes
        self.evidence.grow(_groups(scopes))

    def judge(self, window: Window, scores: Scores, bar: float, spared: Iterable[str]) -> Candidates:
        """Return what is made of the window's occurrences; groups named in `spared` are not tested."""
        rows = _most_surprising(window.occurrences.slot, scores.surprise)
        chosen = scores.rows(rows)
        return Candidates(rows, chosen, self.evidence.judge(window.occurrences.slot[rows], chosen, bar, spared))

    def findings(self, window: Window, candidates: Candidates, threshold: float) -> Iterator[Finding]:
        """Yield a finding for each candidate that is odd."""
        occurrences, scores, judged = window.occurrences, candidates.scores, candidates.judged
        for place in np.flatnonzero(judged.odd).tolist():
            row = int(candidates.rows[place])
            scope = self._scopes[occurrences.slot[row]]
            code = int(occurrences.item[row])
            remark = window.remarks.get(code)
            item = remark.item if remark else window.context.item(code)
            feature = feature_of(scope.attribute)
            yield Finding(
                detector=remark.detector if remark else "novelty",
                segment=scope.segment,
                feature=scope.attribute,
                kind=feature.kind,
                start=window.start,
                end=window.end,
                actual=float(occurrences.count[row]),
                expected=float(scores.expected[place]),
                lower=0.0,
                upper=0.0,
                p_value=float(judged.chance[place]),
                surprise=float(scores.surprise[place]),
                threshold=threshold,
                counterfactual=0.0,
                unit=feature.unit,
                item=item,
                entities=window.context.entities(scope.segment),
                techniques=feature.suggested(1.0, 0.0),
                evidence=remark.evidence if remark else window.context.evidence(scope.segment, item),
                told=remark.told if remark else "",
            )

    def restore(self, evidence: Tree, scopes: Sequence[Scope]) -> None:
        """Become what the evidence's snapshot described; `scopes` are those of all slots."""
        self._scopes = list(scopes)
        self.evidence.restore(evidence, _groups(scopes))


def _groups(scopes: Sequence[Scope]) -> list[str]:
    return [group_of(one.segment, one.attribute) for one in scopes]


def _most_surprising(slot: NDArray[np.int32], surprise: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return one row per slot, the most surprising one; the first where several are."""
    order = np.lexsort((-surprise, slot))
    ordered, first = slot[order], np.ones(len(slot), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return order[first]
