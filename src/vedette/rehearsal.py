"""Simulated telemetry: judged by a copy of the shard that is thrown away, so that nothing is learned from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa

from vedette.journal.log import Chunk
from vedette.pipeline import Shard
from vedette.records.document import from_document, to_document
from vedette.records.incident import Incident, Phase
from vedette.records.report import Report
from vedette.records.simulation import real, spans, unmarked
from vedette.records.time import SECOND
from vedette.state.tree import Tree

AFTER: Final = 1800 * SECOND
"""Event time after the last simulated record in which what it led to may be found, and be over."""

LONGEST: Final = 86_400 * SECOND
"""Event time after which a copy is made anew, so that it stays close to what it is a copy of."""

MOST: Final = 1000
"""Simulations in a copy that are known by name; of more, the latest."""


class Rehearsal:
    """Shows a shard's copy what the shard itself must not see.

    Notes
    -----
    With the first simulated record a copy of the shard is made, from its state before that chunk. From then on the
    shard takes in all records but the simulated ones, the copy takes in all. What only the copy finds is simulated; an
    incident of the shard stays what it is, also when the copy sees more in it. `AFTER` the last simulated record the
    copy is dropped. So nothing is to be undone: the shard's state is, to the byte, that of a run without simulation.

    Neither can see which records are simulated. **It fails** to show what joins an incident that is open already, and
    of two simulations in one place within minutes, the second's incident joins the first's, as real ones would. An
    incident is of the simulation that began last before it.

    Cost: while it lasts, the memory and the time of a second shard; otherwise a look at the columns of each batch.

    Parameters
    ----------
    make
        Makes an empty shard of the configuration in force.
    """

    def __init__(self, make: Callable[[], Shard]) -> None:
        self._make = make
        self._copy: Shard | None = None
        self._last = 0
        """Time of the latest simulated record, ns."""
        self._begun: dict[str, int] = {}
        """Time of each simulation's first record since the copy was made, ns, by its name."""
        self._real: set[str] = set()
        """Incidents that the shard itself has reported meanwhile."""
        self._shown: dict[str, Incident] = {}
        """Simulated incidents that are not over."""

    def step(self, shard: Shard, chunk: Chunk) -> Report:
        """Let a shard take in a chunk, and the copy what is simulated in it too; returns what both report."""
        tables = [batch.columns for batch in chunk.batches]
        over: list[Incident] = []
        for name, (first, last) in sorted(_spans(tables), key=lambda one: (one[1], one[0])):
            if self._copy is not None and (first > self._last + AFTER or first > min(self._begun.values()) + LONGEST):
                over += self._end()
            if self._copy is None:
                self._copy, self._last = self._make(), last
                self._copy.restore(shard.snapshot())
            self._begun.setdefault(name, first)
            if len(self._begun) > MOST:
                del self._begun[min(self._begun, key=lambda one: (self._begun[one], one))]
            self._last = max(self._last, last)
        if self._copy is None:
            return shard.step(chunk)
        report = shard.step(_with(chunk, list(map(real, tables))))
        shown = self._copy.step(_with(chunk, list(map(unmarked, tables))))
        joined = self._joined(report, shown, self._copy.extract.watermark.width)
        if self._copy.extract.watermark.latest > self._last + AFTER:
            over += self._end()
        return replace(joined, incidents=(*joined.incidents, *over))

    @property
    def latest(self) -> int:
        """Return the latest time that the copy has seen, ns; 0 while there is none."""
        return 0 if self._copy is None else self._copy.extract.watermark.latest

    def _joined(self, report: Report, shown: Report, width: int) -> Report:
        """Return a report with what only the copy found, marked; charts are of what was real."""
        self._real |= {incident.id for incident in report.incidents}
        incidents = [
            replace(incident, simulated=name, title=f"simulated: {incident.title}")
            for incident in shown.incidents
            if incident.id not in self._real and (name := self._name(incident.started_at + width))
        ]
        mine = {identity for incident in incidents for identity in incident.finding_ids}
        mine -= {finding.id for finding in report.findings}
        lasting = {**self._shown, **{incident.id: incident for incident in incidents}}
        self._shown = {key: one for key, one in lasting.items() if one.ended_at is None and key not in self._real}
        return replace(
            report,
            findings=(*report.findings, *(finding for finding in shown.findings if finding.id in mine)),
            incidents=(*report.incidents, *incidents),
        )

    def _name(self, until: int) -> str:
        """Return the simulation that began last before a time; empty for none."""
        return max(((at, name) for name, at in self._begun.items() if at < until), default=(0, ""))[1]

    def _end(self) -> list[Incident]:
        """Drop the copy; returns the simulated incidents that lasted, as over."""
        over = [
            replace(one, phase=Phase.RESOLVED if one.phase is Phase.FIRING else one.phase, ended_at=one.updated_at)
            for one in self._shown.values()
        ]
        self._copy = None
        self._begun.clear()
        self._shown.clear()
        self._real.clear()
        return over

    def snapshot(self) -> Tree:
        """Return the copy and what it showed; empty while there is none."""
        if self._copy is None:
            return {}
        return {
            "rehearsal": {
                "copy": self._copy.snapshot(),
                "begun": dict(self._begun),
                "last": self._last,
                "real": sorted(self._real),
                "shown": [to_document(incident) for incident in self._shown.values()],
            }
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described, from a tree that may hold a shard's state as well."""
        held = tree.get("rehearsal")
        self._copy, self._begun, self._real, self._shown = None, {}, set(), {}
        if held is None:
            return
        self._copy = self._make()
        self._copy.restore(held["copy"])
        self._last = int(held["last"])
        self._begun = {name: int(at) for name, at in held["begun"].items()}
        self._real = set(held["real"])
        self._shown = {one.id: one for one in map(from_document, held["shown"])}


def _spans(tables: Sequence[pa.RecordBatch]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the simulations of a chunk, with the times of their first and last records."""
    for table in tables:
        yield from spans(table).items()


def _with(chunk: Chunk, tables: Sequence[pa.RecordBatch]) -> Chunk:
    batches = zip(chunk.batches, tables, strict=True)
    return replace(chunk, batches=tuple(replace(batch, columns=table) for batch, table in batches if len(table)))
