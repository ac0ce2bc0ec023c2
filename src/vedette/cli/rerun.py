"""A stored period through the shard again, and what people would have heard of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vedette.cli.against import Found, days
from vedette.cli.output import Progress, hint

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from vedette.config.schema import Config
    from vedette.records.incident import Incident

SECONDS: Final = 1_000_000_000
DAY: Final = 86_400 * SECONDS


@dataclass(frozen=True, slots=True)
class Period:
    """What of the history is counted: from and to in ns (None for its ends), or its last days.

    What was stored before is learned from nevertheless.
    """

    since: int | None = None
    until: int | None = None
    days: float | None = None

    def begins(self, first: int, last: int) -> int:
        """Return from when on incidents count, of a history that lasts from one time to another."""
        since = max(first, self.since or first)
        return since if self.days is None else max(since, last - round(self.days * DAY))


def rerun(folder: Path, config: Config, period: Period) -> Found:
    """Run all that a data folder holds under a configuration, from nothing learned.

    Raises
    ------
    BadInput
        For what is no data folder, or has nothing to replay.
    """
    from vedette.assembly import make_shard
    from vedette.engine.history import History
    from vedette.engine.paged import Paged
    from vedette.records.document import to_document
    from vedette.records.time import from_rfc3339
    from vedette.rehearsal import Rehearsal

    make = partial(make_shard, config)
    shard, rehearsal = make(), Rehearsal(make)
    kept = _database(folder)
    paged = Paged(config.notify, _silences(kept))
    latest: dict[str, Incident] = {}
    seconds: dict[str, float] = {}
    findings: list[int] = []
    begin = moment = 0
    with History(folder) as history:
        progress = Progress("replay", history.next - history.first)
        for chunk in history.read():
            report = rehearsal.step(shard, chunk)
            moment = shard.extract.watermark.latest
            begin = begin or moment
            findings += [finding.start for finding in report.findings]
            for incident in report.incidents:
                latest[incident.id] = incident
                if incident.phase.value != "pending":
                    seconds.setdefault(incident.id, (moment - incident.started_at) / SECONDS)
                    paged.note(to_document(incident), moment)
            paged.look(moment)
            progress.at(chunk.number - history.first)
            if period.until is not None and moment >= period.until:
                break
        progress.done()
        live, forgotten = history.live, history.forgotten
    if live:
        hint("a server is running on it: what came since its last snapshot is left out")
    if forgotten:
        hint(f"{forgotten} records of the period are gone by store.retention; the rest was judged without them")
    end = moment if period.until is None else min(moment, period.until)
    since = period.begins(begin, end)
    least = since if since > begin else 0  # the first window begins before the first event

    def counts(start: int) -> bool:
        return least <= start < end

    incidents = [one for one in latest.values() if counts(one.started_at)]
    fired = [one.id for one in incidents if one.phase.value != "pending" and not one.simulated]
    found = {
        "from": since,
        "to": end,
        "findings": sum(map(counts, findings)),
        "incidents": [to_document(one) for one in incidents],
        "seconds": seconds,
        "paged": paged.numbers(fired),
        "real": [one for one in _real(kept) if counts(from_rfc3339(one["started_at"]))],
    }
    if days(found) <= 0:
        hint("the period holds no event")
    return found


def _database(folder: Path) -> Engine | None:
    """Return an engine that only reads what people said; None where there is none."""
    from sqlalchemy import create_engine

    path = folder / "vedette.db"
    return create_engine(f"sqlite:///file:{path.resolve()}?mode=ro&uri=true") if path.exists() else None


def _silences(kept: Engine | None) -> Any:
    from vedette.engine.clock import now
    from vedette.engine.silences import Silences
    from vedette.store.settings import Settings

    return Silences(Settings(kept), now).quiet if kept is not None else lambda incident, moment: False


def _real(kept: Engine | None) -> Sequence[dict[str, Any]]:
    """Return the incidents to which people said that they were real."""
    from vedette.store.incidents import Incidents

    return Incidents(kept).judged("real") if kept is not None else []
