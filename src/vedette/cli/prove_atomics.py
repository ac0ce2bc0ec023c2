"""``vedette prove --atomics``: tests of Atomic Red Team, carried out here, and what a fresh server tells of them."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from vedette.cli.exec import carried_out, chosen_tests, make_runner
from vedette.errors import BadInput

if TYPE_CHECKING:
    from vedette.simulate.atomic.run import Result
    from vedette.simulate.prove import Proof

TIMEOUT: Final = 30.0
SETTLE: Final = 80.0
"""Seconds after the last test in which windows close and incidents open: two windows and their lateness, twice."""
FIRST: Final = 60.0
"""Seconds that the sensor may take to show the first program."""


def prove_atomics(
    source: Path, techniques: tuple[str, ...], owned: Path | None, *, sandbox: bool
) -> tuple[list[Proof], list[dict[str, Any]], dict[str, Any]]:
    """Carry out tests under a server that watches this host.

    Returns proofs, incidents that name none of the techniques, and what was run.

    Raises
    ------
    BadInput
        On a host that is not owned, for a technique without tests, or if no test could be carried out.
    """
    from vedette.cli.prove import fresh_server, told_incidents
    from vedette.receive.sensor import SERVICE
    from vedette.records.attack import builtin
    from vedette.records.time import SECOND
    from vedette.simulate.atomic.allow import read_allowed
    from vedette.simulate.atomic.proof import prove
    from vedette.store.events import EventStore

    allowed = read_allowed()
    runner = make_runner(allowed, owned, TIMEOUT, sandbox=sandbox)
    _, chosen = chosen_tests(source, allowed, techniques)
    with TemporaryDirectory(prefix="vedette-prove-") as folder:
        began = time.time_ns()
        with fresh_server(Path(folder), "--processes") as proved:
            _await_sensor(proved)
            ran = [result for result in carried_out(runner, chosen) if result.outcome.value == "ran"]
            _require(ran, len(chosen))
            time.sleep(SETTLE)
            found = [_whole(proved, str(one["id"])) for one in told_incidents(proved)]
        rows = EventStore(Path(folder) / "data" / "events", reading=True).scan("log", began, time.time_ns(), ["body"])
    started = list(zip(rows["time"].cast("int64").to_pylist(), rows["body"].to_pylist(), strict=True))
    machinery = ("unshare", "setpriv", "prlimit")

    def saw(first: int, last: int) -> bool:
        return any(first <= at <= last and not str(body).endswith(machinery) for at, body in started)

    table = builtin()
    known = {one.id: table.title(one) for one in table.techniques.values()}
    proofs, stray = prove(ran, found, SERVICE, saw, lambda technique: known.get(technique, technique))
    seconds = round((time.time_ns() - began) / SECOND)
    return proofs, stray, {"host": platform.node(), "tests": len(ran), "events": len(started), "lasted": seconds}


def _require(ran: list[Result], chosen: int) -> None:
    if not ran:
        raise BadInput(
            "no_test_ran", detail=f"none of {chosen} tests could be carried out; see vedette atomic --execute"
        )


def _await_sensor(url: str) -> None:
    """Wait until the server has taken in what the sensor saw: programs that are started here until then."""
    import subprocess

    import httpx

    until = time.monotonic() + FIRST
    while not any(one["source"] == "processes" for one in httpx.get(f"{url}/api/v1/sources").json()["items"]):
        if time.monotonic() > until:
            raise BadInput("no_process_seen", detail=f"the sensor showed nothing within {FIRST:.0f} s")
        subprocess.run(["sleep", "0.5"], check=True)


def _whole(url: str, identity: str) -> dict[str, Any]:
    """Return an incident with its findings."""
    import httpx

    found: dict[str, Any] = httpx.get(f"{url}/api/v1/incidents/{identity}", timeout=60.0).raise_for_status().json()
    return found
