"""``vedette incidents``: the list, worst and newest first."""

from __future__ import annotations

import sys

import click

from vedette.cli.client import get, get_bytes, server_options
from vedette.cli.output import document, hint, incident_lines, printable

FORMS = ["ocsf", "ecs", "cef"]
STATES = ["open", "pending", "firing", "resolved", "all"]


@click.command()
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True, help="Which ones.")
@click.option("--severity", multiple=True, type=click.Choice(["low", "medium", "high", "critical"]), help="Repeatable.")
@click.option("--segment", help="Of one segment only.")
@click.option("--tier", multiple=True, help="Of services of this tier, such as database. Repeatable.")
@click.option("--since", help="RFC 3339 or epoch seconds.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@click.option("--json", "as_json", is_flag=True, help='One JSON document: {"items": […], "next": …}.')
@click.option("--format", "form", type=click.Choice(FORMS), help="A line each for another system.")
@server_options
def incidents(
    state: str,
    severity: tuple[str, ...],
    segment: str | None,
    tier: tuple[str, ...],
    since: str | None,
    limit: int,
    as_json: bool,
    form: str | None,
    url: str,
    key: str,
) -> None:
    """List incidents of a running server."""
    wanted = {"state": state, "severity": severity, "segment": segment, "tier": tier, "since": since, "limit": limit}
    found = get(url, "incidents", key, **wanted)
    if as_json:
        document(found)
        return
    if form is not None:
        for item in found["items"]:
            click.echo(printable(get_bytes(url, f"incidents/{item['id']}", key, format=form).decode().rstrip("\n")))
        return
    for item in found["items"]:
        if sys.stdout.isatty():
            click.echo("\n".join(incident_lines(item)))
        else:
            names = ("id", "severity", "phase", "started_at", "segment", "title")
            click.echo("\t".join(printable(item[name]) for name in names))
    if not found["items"]:
        hint(f"no {'' if state == 'all' else state + ' '}incidents")
    else:
        hint(f"why: vedette explain {found['items'][0]['id']}")
