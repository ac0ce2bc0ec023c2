"""``vedette simulate``: what an attack technique leaves behind, sent to a running server now."""

from __future__ import annotations

import time
from secrets import token_hex
from typing import Any

import click

from vedette.cli.client import get, server_options
from vedette.cli.exec import exec_command
from vedette.cli.output import document, hint
from vedette.cli.prove import chosen_techniques
from vedette.cli.simulate_replay import replay

POLL = 2.0


class _Ways(click.Group):
    """``synth`` goes without saying: ``vedette simulate T1110.001``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``synth`` before what is neither a way nor a question for help."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["synth", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Ways)
def simulate() -> None:
    """Attack a running Vedette, or a host of your own, to see whether it is caught.

    A technique's id alone (vedette simulate T1110.001) is the way 'synth'.
    """


@simulate.command("synth")
@click.argument("techniques", nargs=-1, required=True)
@server_options
@click.option("--intensity", default=1.0, show_default=True, help="Below 1 is low and slow.")
@click.option("--seed", default=7, show_default=True, help="Of all chance.")
@click.option("--wait", default=120.0, show_default=True, help="Seconds to wait for the incident afterwards.")
@click.option("--dry-run", is_flag=True, help="Print the events instead of sending them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def synth(
    techniques: tuple[str, ...],
    url: str,
    key: str,
    intensity: float,
    seed: int,
    wait: float,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Send what TECHNIQUES (T1110.001, T1190 …) leave behind to a running server, in real time.

    Only telemetry is made up; nothing is attacked. Learned detectors judge it against what they know of the
    services shop, ssh, hosts, proxy and cloudtrail: watch the bundled shop (vedette demo), or use vedette prove.

    It is sent as simulated: nothing is learned from it, its incidents are marked, and nobody is paged. The key needs
    the scopes simulate and read.
    """
    outcomes = [_one(name, url, key, intensity, seed, wait, dry_run=dry_run) for name in chosen_techniques(techniques)]
    if dry_run:
        return 0
    if as_json:
        document({"techniques": outcomes})
    else:
        for one in outcomes:
            click.echo(f"{one['technique']:<12}{'caught' if one['caught'] else 'missed':<8}{one['said']}")
    return 0 if all(one["caught"] for one in outcomes) else 1


def _one(name: str, url: str, key: str, intensity: float, seed: int, wait: float, *, dry_run: bool) -> dict[str, Any]:
    """Play one technique from now on; returns whether an incident began meanwhile in the service that shows it."""
    import numpy as np
    import orjson

    from vedette.records.time import SECOND, rfc3339
    from vedette.simulate.estate import request
    from vedette.simulate.model import Visit
    from vedette.simulate.shop.service import answer_sizes
    from vedette.simulate.techniques import TECHNIQUES

    technique, sizes, begin = TECHNIQUES[name], answer_sizes(), time.time()
    simulation = f"{name.replace('/', '-')}-{token_hex(3)}"
    hint(f"{name} {technique.title}: {technique.seconds:.0f} s of telemetry of {technique.service}")
    for event in technique.play(begin, begin + technique.seconds, np.random.default_rng(seed), intensity):
        record = request(event, sizes) if isinstance(event, Visit) else event
        body = orjson.dumps(record.document) + b"\n"
        if dry_run:
            click.echo(body.decode(), nl=False)
            continue
        time.sleep(max(record.time - time.time(), 0.0))
        post(url, key, body, simulation)
    caught = None if dry_run else _caught(url, key, technique.service, begin, wait)
    return {
        "technique": name,
        "title": technique.title,
        "service": technique.service,
        "simulation": simulation,
        "began_at": rfc3339(round(begin * SECOND)),
        "ended_at": rfc3339(round((begin + technique.seconds) * SECOND)),
        "seed": seed,
        "intensity": intensity,
        "caught": caught is not None,
        "said": caught["title"] if caught else "",
        "incident": caught["id"] if caught else None,
    }


def post(url: str, key: str, body: bytes, simulation: str) -> None:
    """Send JSON lines as simulated, and again while the server is busy; raises `Unreachable` in words."""
    import httpx

    from vedette.cli.client import Unreachable
    from vedette.records.simulation import HEADER

    headers = {HEADER: simulation} | ({"Authorization": f"Bearer {key}"} if key else {})
    try:
        answer = httpx.post(f"{url.rstrip('/')}/api/v1/ingest", content=body, headers=headers, timeout=10.0)
    except httpx.TransportError as error:
        raise Unreachable(
            f"no Vedette answers at {url} ({error}); start one with 'vedette up', or give --url"
        ) from None
    if answer.status_code == 503:
        time.sleep(float(answer.headers.get("Retry-After", "1")))
        post(url, key, body, simulation)
    elif answer.status_code != 200:
        raise Unreachable(f"the server answered {answer.status_code} to telemetry: {answer.text[:200]}")


def _caught(url: str, key: str, service: str, begin: float, wait: float) -> dict[str, Any] | None:
    """Return the first incident of the service that began since `begin`, waiting for it."""
    until = time.time() + wait
    while True:
        for incident in simulated_incidents(url, key, begin):
            if incident["segment_parts"]["service"] == service:
                return incident
        if time.time() >= until:
            return None
        time.sleep(POLL)


def simulated_incidents(url: str, key: str, begin: float) -> list[dict[str, Any]]:
    """Return the incidents that were simulated and began since a time, a minute's grace included."""
    from vedette.records.time import SECOND, from_rfc3339

    return [
        incident
        for incident in get(url, "incidents", key, state="all", limit=200)["items"]
        if incident["phase"] != "pending"
        and incident["simulated"]
        and from_rfc3339(incident["started_at"]) / SECOND >= begin - 60
    ]


simulate.add_command(replay)
simulate.add_command(exec_command)
