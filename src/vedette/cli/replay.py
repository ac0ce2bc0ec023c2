"""``vedette replay``: history through the live path, in a folder of its own or from a journal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.against import compared, days, fired, said
from vedette.cli.moments import MOMENT
from vedette.cli.output import document, hint, incident_lines
from vedette.cli.rerun import Period, rerun

if TYPE_CHECKING:
    from vedette.config.schema import Config


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--service", default="", help="Name of the service of log files.")
@click.option("--speed", default=0.0, help="Times faster than it happened (default: as fast as it goes).")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Path of vedette.toml.")
@click.option("--against", type=click.Path(exists=True, path_type=Path), help="Another vedette.toml to compare with.")
@click.option("--from", "since", type=MOMENT, help="Count from then on, such as 2026-11-20T00:00Z or -7d.")
@click.option("--to", "until", type=MOMENT, help="Stop then.")
@click.option("--days", "last", type=click.FloatRange(min=0, min_open=True), help="Count only the last so many days.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def replay(
    source: Path,
    service: str,
    speed: float,
    config_path: Path | None,
    against: Path | None,
    since: int | None,
    until: int | None,
    last: float | None,
    as_json: bool,
) -> None:
    """Run history through the live path and report what it would have found.

    SOURCE is a log file, or a data folder of `vedette up`, of which all is read that it still keeps (and nothing
    changed): stored events, then the journal. With --against, it is replayed under both configurations and the
    difference is told. What was stored before --from is learned from, and not counted.
    """
    from vedette.config.load import load
    from vedette.kernels import quiet_threads

    quiet_threads()
    config, period = load(config_path), _period(source, since, until, last)
    if against:
        _tell_difference(source, config, load(against), period, as_json)
        return
    found = rerun(source, config, period) if source.is_dir() else _file(source, config, service, speed)
    lasted, incidents = days(found), fired(found)
    report = {
        "days": round(lasted, 3),
        "incidents_per_day": round(len(incidents) / max(lasted, 1.0), 3),
        "budget_per_day": config.decision.budget_per_day,
        "findings": found["findings"],
        **found.get("paged", {}),
    }
    if as_json:
        document({"summary": report, "incidents": incidents})
        return
    for one in incidents:
        click.echo("\n".join(incident_lines(one)))
    bearable = f"{config.decision.budget_per_day:g} false ones a day are bearable"
    hint(f"{len(incidents)} incidents in {lasted:.1f} days; {bearable}")


def _period(source: Path, since: int | None, until: int | None, last: float | None) -> Period:
    from vedette.errors import BadInput
    from vedette.records.time import rfc3339

    if not source.is_dir() and (since, until, last) != (None, None, None):
        raise BadInput("no_period", detail=f"{source} is a file; --from, --to and --days want a data folder")
    if since is not None and until is not None and until <= since:
        said = f"got --from {rfc3339(since)} --to {rfc3339(until)}"
        raise BadInput("no_period", detail=f"{said}, expected an end after the beginning")
    return Period(since, until, last)


def _tell_difference(source: Path, config: Config, other: Config, period: Period, as_json: bool) -> None:
    from vedette.errors import BadInput

    if not source.is_dir():
        raise BadInput("no_journal", detail=f"{source} is a file; --against wants a data folder of 'vedette up'")
    difference = compared(rerun(source, config, period), rerun(source, other, period))
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
