"""``vedette explain``: an incident's page as text."""

from __future__ import annotations

from textwrap import fill
from typing import Any
from urllib.parse import quote

import click

from vedette.cli.client import get, server_options
from vedette.cli.output import WIDTH, document, hint, place, printable, severity


@click.command()
@click.argument("incident")
@click.option("--json", "as_json", is_flag=True, help="The incident as one JSON document.")
@server_options
def explain(incident: str, as_json: bool, url: str, key: str) -> None:
    """Explain an incident: what happened, why it fired, what would have had to differ.

    INCIDENT is an id or its beginning, as `vedette incidents` shows it.
    """
    found = get(url, f"incidents/{quote(incident, safe='')}", key)
    if as_json:
        document(found)
        return
    click.echo("\n".join(lines_of(found)))
    hint("next: vedette incidents --state all")


def lines_of(incident: dict[str, Any]) -> list[str]:
    """Return the page's lines, at most 80 columns wide but for evidence."""
    why = incident["explanation"]
    end = incident["ended_at"] or "still going on"
    lines = [
        f"{severity(incident['severity'])} {printable(incident['title'])}",
        f"{place(incident)} · {incident['kind']} · {incident['phase']}",
        f"{incident['started_at']} – {end} · {incident['event_count']} events",
        "",
        *fill(why["paragraph"], WIDTH).splitlines(),
        "",
        "What contributed",
    ]
    for part in why["contributions"]:
        bar = "█" * max(1, round(part["share"] / 5))
        lines.append(f"{part['share']:5.1f} % {bar:<20} {part['text']}")
        if part["counterfactual"]:
            lines.append(f"{'':28} {part['counterfactual']}")
    lines += [f"  lowered: {reason}" for reason in why["lowered"]]
    if why.get("suspects"):
        lines += ["", "Suspected cause", *(f"{100 * one['share']:5.1f} % {one['text']}" for one in why["suspects"])]
    if why.get("hypotheses"):
        lines += ["", *(f"It is {text}" for text in why["hypotheses"])]
    lines += ["", f"{why['rarity']}".capitalize() + "."]
    if incident["techniques"]:
        lines.append(f"ATT&CK: {', '.join(incident['techniques'])}")
    lines += ["", "How it developed", *(f"  {step['time'][11:19]}  {step['text']}" for step in why["timeline"])]
    lines += _similar(incident.get("similar", []))
    if why["evidence"]:
        lines += ["", "Evidence (masked)", *(f"  {line}" for line in why["evidence"])]
    return [lines[0], *map(printable, lines[1:])]


def _similar(found: list[dict[str, Any]]) -> list[str]:
    """Return the lines of past incidents like this one."""
    if not found:
        return []
    lines = ["", "Similar past incidents"]
    for one in found:
        said = one["verdict"] or "no verdict"
        lines.append(f"  {one['likeness']:.0%}  {one['id'][:12]}  {one['started_at'][:16]}  {said}  {one['title']}")
        lines.append(f"        shared: {', '.join(one['shared'])}")
    return lines
