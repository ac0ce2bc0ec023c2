"""``vedette context``: announce, list and take back what is planned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import click

from vedette.cli.client import get, send, server_options
from vedette.cli.moments import LENGTH, MOMENT, sent
from vedette.cli.output import document, hint, printable

if TYPE_CHECKING:
    from vedette.records.context import PlannedEvent

KINDS: Final = ["sale", "campaign", "holiday", "job", "maintenance", "deploy", "flag", "scaling"]
DAY: Final = 86_400_000_000_000


@click.group()
def context() -> None:
    """What is planned: it widens bands, keeps the usual from being spoiled, and never mutes security."""


@context.command()
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--title", required=True, help="As people say it; the same for the same thing again.")
@click.option("--start", type=MOMENT, default="now", show_default=True, help="RFC 3339, now, +90m or -2h.")
@click.option("--end", type=MOMENT, help="RFC 3339 or +8h.")
@click.option("--for", "length", type=LENGTH, help="Length instead of an end: 90m, 8h, 2d.")
@click.option("--service", "services", multiple=True, help="Service or segment; repeatable; none for all.")
@click.option("--lift", type=float, help="How many times the usual volume is expected.")
@click.option("--id", "identity", default="", help="To replace an event of this id.")
@server_options
def add(
    kind: str,
    title: str,
    start: int,
    end: int | None,
    length: int | None,
    services: tuple[str, ...],
    lift: float | None,
    identity: str,
    url: str,
    key: str,
) -> None:
    """Announce an event. A deploy, flag or scaling happens at its start; the others need an end."""
    if end is not None and length is not None:
        raise click.UsageError("give --end or --for, not both")
    last = start + length if length is not None else end
    event = {"id": identity, "kind": kind, "title": title, "start": sent(start), "segments": services, "lift": lift}
    tell([{**event, "end": None if last is None else sent(last)}], url, key)


@context.command("list")
@click.option("--json", "as_json", is_flag=True, help='One JSON document: {"items": […]}.')
@server_options
def list_events(as_json: bool, url: str, key: str) -> None:
    """List what is ahead, on, or was over within 30 days."""
    found = get(url, "context", key)
    if as_json:
        document(found)
        return
    for one in found["items"]:
        where = ", ".join(one["segments"]) or "all services"
        lift = "" if one["lift"] is None else f"{one['lift']:g}×"
        row = (one["id"], one["state"], one["kind"], one["start"], one["end"], where, lift, one["title"])
        click.echo("\t".join(map(printable, row)))
    if not found["items"]:
        hint("nothing is planned; vedette context add --help")


@context.command()
@click.argument("identity")
@server_options
def remove(identity: str, url: str, key: str) -> None:
    """Take an event back by its id."""
    send(url, "DELETE", f"context/{quote(identity, safe='')}", key)


@context.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind", type=click.Choice(KINDS), default="job", show_default=True, help="Of events without a category."
)
@click.option("--service", "services", multiple=True, help="Service or segment; repeatable; none for all.")
@click.option("--ahead", type=LENGTH, default="90d", show_default=True, help="How far recurring events are planned.")
@click.option("--timezone", default="UTC", show_default=True, help="Of times that have none.")
@server_options
def import_calendar(
    file: Path, kind: str, services: tuple[str, ...], ahead: int, timezone: str, url: str, key: str
) -> None:
    """Announce the events of an iCalendar FILE, each occurrence as one; importing again replaces them."""
    from vedette.decode.calendar import events_of, zone_of
    from vedette.engine.clock import now
    from vedette.records.context import EventKind

    since = now() - DAY
    events = events_of(file.read_bytes(), EventKind(kind), services, since, since + ahead, zone_of(timezone))
    _announce(events, f"no event of {file} is on within {ahead // DAY} days", url, key)


@context.command()
@click.argument("country")
@click.option("--ahead", type=LENGTH, default="365d", show_default=True, help="How far ahead.")
@click.option("--timezone", default="UTC", show_default=True, help="In which the days begin.")
@click.option("--lift", type=float, help="Such as 0.5 for half the usual volume.")
@server_options
def holidays(country: str, ahead: int, timezone: str, lift: float | None, url: str, key: str) -> None:
    """Announce the public holidays of a COUNTRY such as DE, or a region of it such as DE-BY."""
    from vedette.decode.calendar import holidays_of, zone_of
    from vedette.engine.clock import now

    since = now() - DAY
    events = holidays_of(country, since, since + ahead, zone_of(timezone), lift)
    _announce(events, f"{country} has no holiday within {ahead // DAY} days", url, key)


@context.command()
@click.option("--json", "as_json", is_flag=True, help='One JSON document: {"items": […]}.')
@server_options
def jobs(as_json: bool, url: str, key: str) -> None:
    """List what deviates daily or weekly at the same time and was not announced: jobs, most likely."""
    found = get(url, "context/jobs", key)
    if as_json:
        document(found)
        return
    for one in found["items"]:
        every = "daily" if one["every_days"] == 1 else "weekly"
        row = (
            one["id"],
            one["service"],
            every,
            one["start"],
            one["end"],
            f"{one['times']}×",
            ", ".join(one["numbers"]),
        )
        click.echo("\t".join(map(printable, row)))
    hint("vedette context adopt ID --title …" if found["items"] else "no job was found that is not announced")


@context.command()
@click.argument("identity")
@click.option("--title", required=True, help="What it is, as people say it.")
@click.option("--days", default=90, show_default=True, help="How far ahead it is planned.")
@server_options
def adopt(identity: str, title: str, days: int, url: str, key: str) -> None:
    """Announce a job that was found, by its id: from now on each occurrence is a planned event."""
    said = send(url, "POST", f"context/jobs/{quote(identity, safe='')}", key, {"title": title, "days": days})
    hint(f"{len(said['items'])} times planned; vedette context list")


def _announce(events: list[PlannedEvent], none: str, url: str, key: str) -> None:
    if not events:
        hint(none)
        return
    rows = [
        {
            "id": one.id,
            "kind": one.kind.value,
            "title": one.title,
            "start": sent(one.start),
            "end": sent(one.end),
            "segments": one.segments,
            "lift": one.lift,
        }
        for one in events
    ]
    tell(rows, url, key)


def tell(events: list[dict[str, Any]], url: str, key: str) -> None:
    """Announce events and print their ids; says which incidents of the past they explain."""
    said = send(url, "POST", "context", key, {"items": events})
    for one in said["items"]:
        click.echo(one["id"])
    if said["explains"]:
        hint(f"explains: {' '.join(said['explains'])}")
