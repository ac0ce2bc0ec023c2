"""``vedette prove``: which attack techniques does it find, how soon, and does it say why?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

import click

from vedette import __version__
from vedette.cli.client import send, server_options
from vedette.cli.output import Progress, document, hint
from vedette.errors import BadInput, VedetteError

if TYPE_CHECKING:
    from vedette.simulate.prove import Played, Proof

PATIENCE = 600.0
"""Seconds that the server may take to judge what it was sent."""


class ProofFailed(VedetteError):
    """The server that was to be proved did not start or did not keep up."""


@click.command()
@click.argument("techniques", nargs=-1)
@click.option("--days", default=3.0, show_default=True, help="Ordinary days before, to learn from.")
@click.option("--seed", default=7, show_default=True, help="Of all chance.")
@click.option("--intensity", default=1.0, show_default=True, help="Of the attacks; below 1 is low and slow.")
@click.option(
    "--atomics",
    type=click.Path(exists=True, path_type=Path),
    help="Carry out tests of Atomic Red Team.",
)
@click.option("--owned", type=click.Path(path_type=Path), help="File with names of owned hosts; for --atomics.")
@click.option("--sandbox", is_flag=True, help="In a CI job: say that it runs in a machine that is thrown away.")
@click.option("--junit", "junit_path", type=click.Path(path_type=Path), help="Write JUnit's XML here.")
@click.option("--layer", "layer_path", type=click.Path(path_type=Path), help="Write a layer for the Navigator here.")
@click.option("--min-coverage", default=0.0, help="Fail below this share of techniques found, such as 0.9.")
@click.option("--keep", is_flag=True, help="Keep the account in the server at --url; see vedette coverage.")
@server_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def prove(
    techniques: tuple[str, ...],
    days: float,
    seed: int,
    intensity: float,
    atomics: Path | None,
    owned: Path | None,
    sandbox: bool,
    junit_path: Path | None,
    layer_path: Path | None,
    min_coverage: float,
    keep: bool,
    url: str,
    key: str,
    as_json: bool,
) -> int:
    """Play TECHNIQUES (default: all) against a fresh server and report what it finds.

    A server is started in a temporary folder and learns a made-up company's days; then each technique is
    played into its telemetry through the ordinary door. Nothing is attacked; nothing leaves this machine.

    With --atomics, the server watches which programs are executed on this host instead, and listed tests of Atomic
    Red Team are carried out on it, as by 'vedette atomic --execute'.
    """
    from vedette.assembly import user_key
    from vedette.cli.prove_atomics import prove_atomics
    from vedette.records.time import rfc3339
    from vedette.simulate.prove import junit, report

    if atomics is None:
        proofs, stray, facts = _played(techniques, days, seed, intensity)
    else:
        proofs, stray, facts = prove_atomics(atomics, techniques, owned, sandbox=sandbox)
    stamp = {"vedette": __version__, "date": rfc3339(time.time_ns())}
    account = report(proofs, stray, {**stamp, **facts}, user_key())
    if junit_path is not None:
        junit_path.write_text(junit(account))
    if layer_path is not None:
        layer_path.write_text(json.dumps(_layer(account), indent=1))
    if keep:
        send(url, "POST", "coverage/proofs", key, account)
    if as_json:
        document(account)
    else:
        _show(account)
    return 0 if account["coverage"] >= min_coverage else 1


def _played(
    techniques: tuple[str, ...], days: float, seed: int, intensity: float
) -> tuple[list[Proof], list[dict[str, Any]], dict[str, Any]]:
    """Play techniques into a made-up company's telemetry; returns proofs, what belongs to none, and what was run."""
    from vedette.simulate.prove import judge, layout

    played = layout(chosen_techniques(techniques), time.time())
    with TemporaryDirectory(prefix="vedette-prove-") as folder, fresh_server(Path(folder)) as proved:
        sent = _send(proved, played, days, seed, intensity)
        found = told_incidents(proved)
    return *judge(played, found), {"seed": seed, "days": days, "intensity": intensity, "events": sent}


def chosen_techniques(techniques: tuple[str, ...]) -> list[str]:
    """Return the keys of techniques given by id; a parent stands for its sub-techniques."""
    from vedette.simulate.techniques import TECHNIQUES

    chosen = []
    for wanted in techniques or tuple(TECHNIQUES):
        fitting = [key for key, one in TECHNIQUES.items() if wanted in (key, one.id) or one.id.startswith(f"{wanted}.")]
        if not fitting:
            raise BadInput("technique", detail=f"got {wanted!r}, expected one of {', '.join(TECHNIQUES)}")
        chosen += [key for key in fitting if key not in chosen]
    return chosen


@contextmanager
def fresh_server(folder: Path, *options: str) -> Iterator[str]:
    """Run a server of this very Vedette on a free port of loopback; yields its address."""
    fixed = [sys.executable, "-m", "vedette.cli.main", "up", "--data", str(folder / "data"), "--listen", "127.0.0.1:0"]
    words = [*fixed, *options]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")},
        "VEDETTE_FEATURES_WINDOW": "30s",
        "VEDETTE_FEATURES_LATENESS": "5s",
    }
    said = folder / "server.log"
    with said.open("w") as log:
        process = subprocess.Popen(words, stderr=log, stdout=log, env=environment, cwd=folder)
    try:
        with said.open() as log:
            yield _ready(log, process)
    finally:
        process.terminate()
        process.wait()


def _ready(log: IO[str], process: subprocess.Popen[bytes]) -> str:
    """Return the server's address once it takes telemetry."""
    import httpx

    text, until = "", time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        text += log.read()
        address = re.search(r"http://[\d.]+:\d+", text)
        if address is not None:
            try:
                if httpx.get(f"{address[0]}/-/ready").status_code == 200:
                    return address[0]
            except httpx.TransportError:
                pass
        time.sleep(0.2)
    raise ProofFailed(f"the server to be proved did not start: {text.strip() or 'it said nothing'}")


def _send(url: str, played: list[Played], days: float, seed: int, intensity: float) -> int:
    """Send everything in order of time, then wait until it is judged; returns the number of events."""
    import httpx

    from vedette.simulate.prove import SHOP_RATE, payloads, telemetry

    total = round(SHOP_RATE * 1.3 * (days * 86_400 + played[-1].end - played[0].begin))
    progress, sent = Progress("prove", total), 0
    with httpx.Client(base_url=url, timeout=60.0) as client:
        for count, body in payloads(telemetry(played, days, seed, intensity)):
            while (answer := client.post("/api/v1/ingest", content=body)).status_code == 503:
                time.sleep(float(answer.headers.get("Retry-After", "1")))
            answer.raise_for_status()
            sent += count
            progress.at(min(sent, total), f"{sent} events sent")
        until = time.monotonic() + PATIENCE
        while "vedette_journal_backlog_chunks 0\n" not in client.get("/metrics").text:
            if time.monotonic() > until:
                raise ProofFailed(f"{sent} events were not judged within {PATIENCE:.0f} s")
            time.sleep(0.2)
    progress.done()
    return sent


def told_incidents(url: str) -> list[dict[str, Any]]:
    """Return all incidents that a person would have been told of."""
    import httpx

    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query: dict[str, str | int] = {"state": "all", "limit": 200, **({"cursor": cursor} if cursor else {})}
        page = httpx.get(f"{url}/api/v1/incidents", params=query, timeout=60.0).raise_for_status().json()
        found += page["items"]
        cursor = page.get("next")
        if not cursor:
            return [one for one in found if one["phase"] != "pending"]


def _layer(account: dict[str, Any]) -> dict[str, Any]:
    from vedette.engine.claims import proof_named
    from vedette.notify.navigator import By, Claim, layer
    from vedette.records.attack import builtin

    cases = [{**case, "date": account["date"]} for case in account["techniques"] if case["outcome"] != "missed"]
    return layer(builtin(), [Claim(case["technique"], By.PROOF, proof_named(case)) for case in cases])


def _show(account: dict[str, Any]) -> None:
    """Say it in a table."""
    wide = max(12, *(len(case["key"]) + 1 for case in account["techniques"]))
    click.echo(f"{'technique':<{wide}}{'':<34}{'found by':<9}{'after':>8}  {'says why':<9} incident")
    for case in account["techniques"]:
        after = "" if case["seconds"] is None else f"{case['seconds']:.0f} s"
        why = "" if case["outcome"] == "missed" else "yes" if case["named"] else "no"
        more = f" (+{case['incidents'] - 1})" if case["incidents"] > 1 else ""
        found = f"{case['key']:<{wide}}{case['title'][:32]:<34}{case['outcome']:<9}{after:>8}"
        click.echo(f"{found}  {why:<9} {case['said'][:70]}{more}")
    click.echo("")
    median = account["median_seconds"]
    click.echo(
        f"{account['found']} of {account['played']} found, half of them within {median:.0f} s; "
        f"{len(account['false_incidents'])} false incidents in {account['events']} events"
        if median is not None
        else f"none of {account['played']} found"
    )
    for one in account["false_incidents"]:
        hint(f"false: {one['started_at']} {one['title']}")
    hint(f"signed {account['signature'][:16]}…")
