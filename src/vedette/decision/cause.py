"""What is told of a suspected root: "cart is slow because it waits for payment"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vedette.decision.graph import CallGraph
from vedette.decision.ranking import weight
from vedette.decision.suspicion import CALL, OWN, SILENT, WAY
from vedette.decision.words import amount, span
from vedette.records.call import call_of
from vedette.records.feature import feature_of
from vedette.records.finding import Finding
from vedette.records.incident import Suspect
from vedette.records.segment import Segment

SURE: Final = 0.5
"""Share of the suspicion from which the first suspect makes the headline."""

_SLOW: Final = ("latency_p50_seconds", "latency_p95_seconds", *OWN[:2], WAY, *CALL[1:])
_FAILS: Final = ("error_ratio", OWN[2], SILENT, CALL[0], "log_error_ratio")
_MORE: Final = OWN[3]


def clue(suspect: Suspect) -> str:
    """Return what speaks most against a suspect, in one line."""
    label, normal = feature_of(suspect.feature).label, span(suspect.lower, suspect.upper, suspect.unit)
    return f"{label} of {suspect.about.label} {amount(suspect.actual, suspect.unit)}, normally {normal}"


def likely(suspects: Sequence[Suspect]) -> Segment | None:
    """Return what the headline names as the cause; None for nothing."""
    return suspects[0].segment if suspects and suspects[0].share >= SURE else None


def because(ranked: Sequence[Finding], suspects: Sequence[Suspect], graph: CallGraph) -> str:
    """Return in one clause who suffers and why; empty where nobody but the suspect does, or no suspect is likely."""
    if likely(suspects) is None:
        return ""
    root, call = suspects[0], call_of(suspects[0].segment)
    suffering = [
        (peak, path)
        for peak in ranked
        if peak.feature in _SLOW + _FAILS
        for path in [_path(peak.segment.whole, root, graph)]
        if path and (call is not None or root.feature == _MORE or len(path) > 1)
    ]
    if not suffering:
        return ""
    victim, path = max(suffering, key=lambda one: (weight(one[0]), -len(one[1]), str(one[0].segment)))
    through = f", by way of {' and '.join(step.service for step in path[1:-1])}" if len(path) > 2 else ""
    state = "fails" if victim.feature in _FAILS else "is slow"
    return f"{path[0].service} {state} because {_reason(root, path[0].service)}{through}"


def _path(victim: Segment, root: Suspect, graph: CallGraph) -> tuple[Segment, ...]:
    """Return the services from one that suffers down to the root; by the way that speaks most against it, if by any."""
    call, about = call_of(root.segment), call_of(root.about)
    if call is not None:
        return graph.path(victim, call.caller)
    if about is not None and about.callee == root.segment:
        above = graph.path(victim, about.caller)
        if above:
            return (*above, root.segment)
    return graph.path(victim, root.segment)


def _reason(root: Suspect, victim: str) -> str:
    call = call_of(root.segment)
    if call is not None and call.caller.service == victim:
        return f"its way to {call.callee.service} is slow"
    if call is not None:
        return f"the way from {call.caller.service} to {call.callee.service} is slow"
    if root.feature == _MORE:
        who = "it" if root.segment.service == victim else root.segment.service
        return f"{who} makes more calls for each request"
    if root.feature == SILENT:
        return f"{root.segment.service} does not answer"
    return f"{root.segment.service} fails" if root.feature in _FAILS else f"it waits for {root.segment.service}"
