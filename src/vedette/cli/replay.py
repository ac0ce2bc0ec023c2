"""``vedette replay``: history through the live path, in a folder of its own or from a journal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.against import compared, days, fired, said
from vedette.cli.output import Progress, document, hint, incident_lines

if TYPE_CHECKING:
    from vedette.config.schema import Config
    from vedette.records.incident import Incident


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--service", default="", help="Name of the service of log files.")
@click.option("--speed", default=0.0, help="Times faster than it happened (default: as fast as it goes).")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Path of vedette.toml.")
@click.option("--against", type=click.Path(exists=True, path_type=Path), help="Another vedette.toml to compare with.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def replay(
    source: Path, service: str, speed: float, config_path: Path | None, against: Path | None, as_json: bool
) -> None:
    """Run history through the live path and report what it would have found.

    SOURCE is a log file, or a data folder of `vedette up`, whose journal is read (not changed). With --against, a data
    folder is replayed under both configurations and the difference is told.
    """
    from vedette.config.load import load
    from vedette.kernels import quiet_threads

    quiet_threads()
    config = load(config_path)
    if against:
        _tell_difference(source, config, load(against), as_json)
        return
    found = _journal(source, config) if source.is_dir() else _file(source, config, service, speed)
    lasted, incidents = days(found), fired(found)
    report = {
        "days": round(lasted, 3),
        "incidents_per_day": round(len(incidents) / max(lasted, 1.0), 3),
        "budget_per_day": config.decision.budget_per_day,
        "findings": found["findings"],
    }
    if as_json:
        document({"summary": report, "incidents": incidents})
        return
    for one in incidents:
        click.echo("\n".join(incident_lines(one)))
    bearable = f"{config.decision.budget_per_day:g} false ones a day are bearable"
    hint(f"{len(incidents)} incidents in {lasted:.1f} days; {bearable}")


def _tell_difference(source: Path, config: Config, other: Config, as_json: bool) -> None:
    from vedette.errors import BadInput

    if not source.is_dir():
        raise BadInput("no_journal", detail=f"{source} is a file; --against wants a data folder of 'vedette up'")
    difference = compared(_journal(source, config), _journal(source, other))
    if as_json:
        document(difference)
        return
    for name in ("config", "against"):
        for one in difference[f"only_{name}"]:
            click.echo("\n".join([f"only with --{name}:", *incident_lines(one)]))
    click.echo("\n".join([*said(difference), difference["sentence"]]))


def _file(source: Path, config: Config, service: str, speed: float) -> dict[str, Any]:
    from vedette.assembly import make_entry, make_shard, user_key
    from vedette.cli.watch import Watcher, read_into

    watcher = Watcher(make_entry(config, user_key()), make_shard(config))
    began, first = time.monotonic(), 0
    for _ in read_into(watcher, source, service or source.name.split(".")[0], quiet=True):
        latest = watcher.tally.last or 0
        first = first or latest
        if speed > 0:
            time.sleep(max((latest - first) / 1e9 / speed - (time.monotonic() - began), 0.0))
    watcher.note(watcher.shard.finish())
    return {
        "from": watcher.tally.first or 0,
        "to": watcher.tally.last or 0,
        "findings": watcher.tally.findings,
        "incidents": list(watcher.tally.incidents.values()),
    }


def _journal(folder: Path, config: Config) -> dict[str, Any]:
    """Run the chunks that the journal still holds, from the beginning of what was learned."""
    from vedette.assembly import make_shard
    from vedette.engine.local import SHARD
    from vedette.errors import BadInput
    from vedette.journal.lock import DataLock
    from vedette.journal.log import Journal
    from vedette.records.document import to_document

    if not (folder / "journal").is_dir():
        raise BadInput("no_journal", detail=f"{folder} is no data folder of 'vedette up'")
    lock = DataLock(folder)
    shard = make_shard(config)
    latest: dict[str, Incident] = {}
    seconds: dict[str, float] = {}
    findings, begin = 0, 0
    with Journal(folder / "journal") as journal:
        lo, hi = journal.first(SHARD), journal.next(SHARD)
        progress = Progress("replay", hi - lo)
        for chunk in journal.read(SHARD, lo, hi):
            report = shard.step(chunk)
            begin = begin or shard.extract.watermark.latest
            findings += len(report.findings)
            latest |= {incident.id: incident for incident in report.incidents}
            for one in report.incidents:
                if one.phase.value != "pending":
                    seconds.setdefault(one.id, (shard.extract.watermark.latest - one.started_at) / 1e9)
            progress.at(chunk.number - lo)
        progress.done()
    lock.release()
    return {
        "from": begin,
        "to": shard.extract.watermark.latest,
        "findings": findings,
        "incidents": [to_document(incident) for incident in latest.values()],
        "seconds": seconds,
    }
