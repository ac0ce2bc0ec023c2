"""Tests that were carried out, against what the product told of them: proofs as those of played techniques."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.atomic.run import Result
from vedette.simulate.prove import Proof

Document = dict[str, Any]
Span = tuple[int, int]

SEEN: Final = "the sensor saw it, nobody was told"
UNSEEN: Final = "the sensor saw nothing of it"


def prove(
    ran: Sequence[Result],
    incidents: Sequence[Document],
    service: str,
    saw: Callable[[int, int], bool],
    title: Callable[[str], str],
) -> tuple[list[Proof], list[Document]]:
    """Return a proof for each technique, and the incidents that name none of them.

    Parameters
    ----------
    ran
        Tests that were carried out, one at least.
    incidents
        With their ``findings``, as ``/api/v1/incidents/ID`` gives them.
    service
        Whose telemetry shows them.
    saw
        Says whether anything of a test was seen between two times, ns.
    title
        Returns a technique's name.

    Notes
    -----
    A technique is found if a finding of an incident names it, or what it is part of, and its window overlaps a test of
    the technique; the seconds end with that window. Tests of one technique count as one.
    """
    proofs, told = [], set[str]()
    for technique in sorted({one.technique for one in ran}):
        spans = [_span(one) for one in ran if one.technique == technique]
        mine = [(incident, found) for incident in incidents if (found := list(_about(incident, technique, spans)))]
        told.update(str(incident["id"]) for incident, _ in mine)
        key, name = f"atomic/{technique}", title(technique)
        if not mine:
            said = SEEN if any(saw(*span) for span in spans) else UNSEEN
            proofs.append(Proof(key, technique, name, service, "missed", None, 0, False, said))
            continue
        detectors = {finding["detector"] for _, findings in mine for finding in findings}
        outcome = "both" if len(detectors) > 1 and "sigma" in detectors else "rule" if "sigma" in detectors else "model"
        began = min(start for start, _ in spans)
        first = min((finding for _, findings in mine for finding in findings), key=lambda one: str(one["end"]))
        seconds = round(max(from_rfc3339(first["end"]) - began, 0) / SECOND, 1)
        said = str(first["item"] or mine[0][0]["title"])
        proofs.append(Proof(key, technique, name, service, outcome, seconds, len(mine), True, said))
    return proofs, [one for one in incidents if one["id"] not in told]


def _span(one: Result) -> Span:
    return one.started_at, one.started_at + round(one.seconds * SECOND)


def _about(incident: Document, technique: str, spans: Sequence[Span]) -> Iterator[Document]:
    """Yield the findings of an incident that name a technique while it was tested."""
    for finding in incident["findings"]:
        named = {technique, technique.partition(".")[0]} & set(finding["techniques"])
        start, end = from_rfc3339(finding["start"]), from_rfc3339(finding["end"])
        if named and any(start <= last and end >= first for first, last in spans):
            yield finding
