"""The server watches programs only if asked to, and then learns which starts which."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.loopback import await_true
from tests.interop.server import RunningServer

from vedette.store.events import EventStore


@pytest.fixture(params=[(), ("--processes",)], ids=["unasked", "asked"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    made = RunningServer(tmp_path / "data", *request.param)
    made.asked = bool(request.param)  # type: ignore[attr-defined]
    yield made
    made.end()


def test_programs_are_watched_only_if_asked_for(server: RunningServer, tmp_path: Path) -> None:
    def started() -> bool:
        subprocess.run(["sleep", "0.05"], check=True)
        return any(one["source"] == "processes" for one in server.api("sources")["items"])

    server.start()
    if not server.asked:  # type: ignore[attr-defined]
        assert not any(started() for _ in range(20))
        return
    await_true(started, 30.0)
    assert server.stop() in (0, 130)
    table = EventStore(tmp_path / "data" / "events").scan("log", 0, 1 << 62, ["service.name", "body"])
    assert set(table.column("service.name").to_pylist()) == {"processes"}
    assert any(body.endswith("/sleep") for body in table.column("body").to_pylist())
