"""``vedette status``: health in ten lines."""

from __future__ import annotations

import sys
from typing import Any

import click

from vedette.cli.client import get, server_options
from vedette.cli.output import document


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@server_options
def status(as_json: bool, url: str, key: str) -> None:
    """Show whether the watch can be trusted now. Exit code 3 when it can't."""
    found = get(url, "status", key)
    if as_json:
        document(found)
    else:
        tiles = found["tiles"]
        rows = {
            "state": f"{found['state']} {found['message']}".strip(),
            "version": found["version"],
            "incidents": f"{tiles['incidents']['open']} open, {tiles['incidents']['critical']} critical",
            "events": f"{tiles['events_per_second']:.1f}/s, {tiles['events_total']} since start",
            "lag": f"{tiles['lag_seconds']:.1f} s",
            "segments": f"{tiles['segments']['ready']} of {tiles['segments']['total']} ready{_drift(tiles['drift'])}",
            "budget": _budget(tiles["budget"], tiles["calibration"]),
            "unreadable": f"{tiles['unreadable']['total']} ({100 * tiles['unreadable']['share']:.1f} %)",
            "notify": _notifications(tiles["notifications"]),
            "data": f"{found['data_from'] or 'none'} – {found['data_to'] or 'none'}",
        }
        for name, value in rows.items():
            click.echo(f"{name:<11} {value}" if sys.stdout.isatty() else f"{name}\t{value}")
    if found["state"] == "starting":
        sys.exit(3)


def _budget(found: dict[str, Any], calibration: dict[str, Any]) -> str:
    failing = f"; abstaining: {', '.join(calibration['failing'])}" if calibration["failing"] else ""
    past = f"{calibration['incidents_per_day']:.2g} a day over four weeks"
    return f"{found['used']:g} of {found['limit']:g} false incidents a day bearable, {past}{failing}"


def _drift(found: list[dict[str, Any]]) -> str:
    """Say which services changed for everybody within a day, and whether the models have settled on it."""
    words = [
        f"; changed: {one['service']} since {one['since'][11:16]}, "
        + (f"settled at {one['settled_at'][11:16]}" if one["settled_at"] else "learning it anew")
        for one in found
    ]
    return "".join(words)


def _notifications(found: dict[str, Any]) -> str:
    failing = f", failing: {', '.join(found['failing'])}" if found["failing"] else ""
    return f"{found['waiting']} waiting, the oldest for {found['lag_seconds']:.0f} s{failing}"
