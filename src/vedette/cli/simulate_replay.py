"""``vedette simulate replay``: recorded attacks sent to a running server as if they happened now."""

from __future__ import annotations

import time
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.client import server_options
from vedette.cli.output import document, hint, printable
from vedette.errors import BadInput

if TYPE_CHECKING:
    from vedette.simulate.recording import Recording

BATCH = 500
"""Events sent at once at most."""
AHEAD = 0.5
"""Seconds of events that are sent together."""


@click.command("replay")
@click.argument("manifests", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--speed", type=click.FloatRange(0.001, 10_000.0), default=1.0, show_default=True, help="Times as fast.")
@click.option("--map", "renamed", multiple=True, help="OLD=NEW: call a host, user or address otherwise; repeatable.")
@server_options
@click.option("--wait", default=120.0, show_default=True, help="Seconds to wait for the incident afterwards.")
@click.option("--dry-run", is_flag=True, help="Print the events instead of sending them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def replay(
    manifests: tuple[Path, ...],
    speed: float,
    renamed: tuple[str, ...],
    url: str,
    key: str,
    wait: float,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Send the recorded attacks that MANIFESTS describe, as of now, and see whether each is caught as expected.

    It is sent as simulated: nothing is learned from it, its incidents are marked, and nobody is paged. The key needs
    the scopes simulate and read. Exit code 1 if one was missed.
    """
    from vedette.simulate.recording import read

    names = dict(map(_pair, renamed))
    recordings = [read(manifest) for manifest in manifests]
    outcomes = [_one(one, speed, names, url, key, wait, dry_run=dry_run) for one in recordings]
    if dry_run:
        return 0
    if as_json:
        document({"recordings": outcomes})
    else:
        for one in outcomes:
            click.echo(f"{'caught' if one['caught'] else 'missed':<8}{printable(one['id'])}  {printable(one['said'])}")
    return 0 if all(one["caught"] for one in outcomes) else 1


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not (old and sign and new):
        raise BadInput("map", detail=f"got {text!r}, expected OLD=NEW")
    return old, new


def _one(
    recording: Recording, speed: float, names: dict[str, str], url: str, key: str, wait: float, *, dry_run: bool
) -> dict[str, Any]:
    """Send one recording; returns whether what was expected was found in time."""
    import orjson

    from vedette.cli.simulate import post
    from vedette.records.time import SECOND, rfc3339

    begin = time.time()
    simulation = f"replay-{token_hex(3)}"
    lasts = recording.events[-1][0] / speed
    hint(f"{recording.id} {recording.technique}: {len(recording.events)} events in {lasts:.0f} s")
    held: list[bytes] = []
    due = 0.0
    for moment, event in recording.played(begin, speed, names):
        line = orjson.dumps({"@timestamp": rfc3339(round(moment * SECOND)), **event}) + b"\n"
        if dry_run:
            click.echo(line.decode(), nl=False)
            continue
        if held and (len(held) >= BATCH or moment > due + AHEAD):
            post(url, key, b"".join(held), simulation)
            held = []
        if not held:
            time.sleep(max(moment - time.time(), 0.0))
            due = moment
        held.append(line)
    if held:
        post(url, key, b"".join(held), simulation)
    found = None if dry_run else _found(recording, url, key, simulation, begin, wait)
    return {
        "id": recording.id,
        "technique": recording.technique,
        "caught": found is not None,
        "said": str(found["title"]) if found else f"no incident as expected: {recording.expected}",
        "incident": found["id"] if found else None,
    }


def _found(
    recording: Recording, url: str, key: str, simulation: str, begin: float, wait: float
) -> dict[str, Any] | None:
    """Return the incident that was expected, waiting for it."""
    from vedette.cli.simulate import simulated_incidents
    from vedette.simulate.prove import opened

    until = time.time() + wait
    while True:
        for incident in simulated_incidents(url, key, begin):
            in_time = opened(incident) - begin <= recording.expected.within
            if incident["simulated"] == simulation and recording.expected.holds(incident) and in_time:
                return incident
        if time.time() >= until:
            return None
        time.sleep(2.0)
