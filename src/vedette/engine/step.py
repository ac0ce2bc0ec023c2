"""The contract between journal and engines: state and chunks in, state and findings out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vedette.journal.log import Journal
from vedette.pipeline import Shard
from vedette.records.finding import Finding
from vedette.records.incident import Incident
from vedette.rehearsal import Rehearsal
from vedette.state.tree import Tree


@dataclass(frozen=True, slots=True)
class Stepped:
    """State after the last chunk, and all that was found on the way."""

    state: Tree
    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]


def step_range(
    journal: Journal, shard: int, lo: int, hi: int, state: Tree | None, make: Callable[[], Shard]
) -> Stepped:
    """Run chunks ``lo`` to ``hi`` (exclusive) of a shard from the state after chunk ``lo - 1``.

    The same arguments give the same result, to the byte, on any engine.

    Parameters
    ----------
    journal, shard, lo, hi
        Which chunks.
    state
        As `Shard.snapshot` gave it; None for a shard that has learned nothing yet.
    make
        Makes an empty shard of the configuration in force.
    """
    model, rehearsal = make(), Rehearsal(make)
    if state is not None:
        model.restore(state)
        rehearsal.restore(state)
    findings: list[Finding] = []
    incidents: list[Incident] = []
    for chunk in journal.read(shard, lo, hi):
        report = rehearsal.step(model, chunk)
        findings += report.findings
        incidents += report.incidents
    return Stepped({**model.snapshot(), **rehearsal.snapshot()}, tuple(findings), tuple(incidents))
