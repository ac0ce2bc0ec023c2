"""How heavy findings are, and which of them come first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import log10
from typing import Final

import numpy as np

from vedette.decision.points import scores_of
from vedette.records.finding import Finding
from vedette.records.incident import Severity

MAX_WEIGHT: Final = 40.0
"""Decades of chance beyond which one feature does not outweigh the others any further."""

AS_ODD: Final = 0.9
"""Share of a weight from which on another one is about as odd."""

LEVELS: Final = ((90.0, Severity.CRITICAL), (70.0, Severity.HIGH), (50.0, Severity.MEDIUM), (0.0, Severity.LOW))


def weight(finding: Finding) -> float:
    """Return how much a finding weighs: decades of its calibrated chance."""
    return min(-log10(max(finding.p_value, 1e-300)), MAX_WEIGHT)


def score(finding: Finding) -> float:
    """Return 0–100 from how far the chance lies beyond the threshold."""
    return float(scores_of(np.array([finding.p_value]), finding.threshold)[0])


def severity(points: float) -> Severity:
    """Return the word for a score of 0–100."""
    return next(level for least, level in LEVELS if points >= least)


def ranked(peaks: Collection[Finding]) -> list[Finding]:
    """Return findings, heaviest first; a service's total gives way to the route's own number.

    There are more clients where there are more requests: clients follow them if they are about as odd.
    """
    own = {(peak.feature, peak.item) for peak in peaks if peak.segment.operation}
    requests = {peak.segment: weight(peak) for peak in peaks if peak.feature == "requests" and not peak.item}

    def place(peak: Finding) -> tuple[float, bool, bool, str, str]:
        heavy = requests.get(peak.segment, -1.0) if peak.feature == "clients" else -1.0
        follows = heavy >= AS_ODD * weight(peak)
        heaviest = heavy if follows else weight(peak)
        return -heaviest, not peak.segment.operation, follows, str(peak.segment), peak.feature

    kept = [peak for peak in peaks if peak.segment.operation or (peak.feature, peak.item) not in own]
    return sorted(kept, key=place)


def lead(findings: Sequence[Finding]) -> Finding:
    """Return the finding for the headline, of ranked ones: the heaviest, or what is new if it weighs half as much.

    What is new says more about a cause than that there is much of it.
    """
    new = next((peak for peak in findings if peak.item), findings[0])
    return new if weight(new) >= 0.5 * weight(findings[0]) else findings[0]
