"""``vedette verdict``: say what an incident was."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from vedette.cli.client import send, server_options
from vedette.cli.output import document, hint, printable

WORDS = ["real", "expected", "noise", "none"]


@click.command()
@click.argument("incident")
@click.argument("verdict", type=click.Choice(WORDS), metavar="real|expected|noise|none")
@click.option("--preview", is_flag=True, help="Only say what it would do.")
@click.option("--note", default="", help="Why, for whoever reviews it.")
@click.option("--force", is_flag=True, help="Even if it hides incidents that were judged real.")
@click.option("--json", "as_json", is_flag=True, help="The incident as one JSON document.")
@server_options
def verdict(
    incident: str, verdict: str, preview: bool, note: str, force: bool, as_json: bool, url: str, key: str
) -> None:
    """Say that an INCIDENT was real, expected or noise; none takes it back.

    Expected and noise hide findings of the same cause for 30 days, and what that means for the past 30 is told. What a
    real one is made of does not become usual for as long.
    """
    change = {"verdict": None if verdict == "none" else verdict, "note": note, "preview": preview, "force": force}
    found = send(url, "POST", f"incidents/{quote(incident, safe='')}/verdict", key, change)
    if as_json:
        document(found)
        return
    click.echo(f"{found['id']}\t{found['verdict'] or 'no verdict'}\t{printable(found['title'])}")
    if found["effect"]:
        click.echo("\n".join(effect_lines(found["effect"], preview)))
    elif verdict != "none":
        hint(f"take it back: vedette verdict {incident} none")


def effect_lines(effect: dict[str, Any], preview: bool) -> list[str]:
    """Return what a verdict does, in lines."""
    does = "would have hidden" if preview else "hides from now on; it would have hidden"
    gone, real = effect["hidden_incidents"], effect["real"]
    before, after = effect["incidents_before"], effect["incidents_after"]
    return [
        f"{does} {effect['hidden_findings']} findings of the past {effect['days']} days",
        f"incidents: {before} without it, {after} with it",
        *(f"  gone: {one['id']} {printable(one['title'])}" for one in gone),
        f"judged real: {effect['judged_real']}, of which it touches {len(real)}",
        *(f"  judged real, and touched: {one}" for one in real),
        f"until {effect['until']}",
    ]
