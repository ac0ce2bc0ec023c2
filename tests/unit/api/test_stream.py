"""The stream: ticks, events with ids, resuming, and an end when the server ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import Request
from starlette.testclient import TestClient
from tests.e2e import seeded

from vedette.api import stream
from vedette.api.app import build_app
from vedette.api.reader import Event
from vedette.errors import ConfigError, Unauthorized


def _parsed(text: str) -> list[dict[str, str]]:
    """Return the events of a stream as their fields."""
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


def test_events_come_with_topic_id_and_data(client: TestClient, reader: Any) -> None:
    found = {**seeded.incidents(seeded.segments(), 1)[0], "title": "a\nb"}
    reader.events = [(7, "incident", found), (8, "lanes", {})]
    events = _parsed(client.get("/api/v1/stream").text)
    told = [event for event in events if event["event"] != "tick"]
    assert [(event["id"], event["event"]) for event in told] == [("7", "incident"), ("8", "lanes")]
    assert json.loads(told[0]["data"])["title"] == "a\nb"
    assert json.loads(told[1]["data"]) == {}


def test_an_incident_is_told_within_its_contract_and_without_what_it_does_not_say(
    client: TestClient, reader: Any
) -> None:
    found = {**seeded.incidents(seeded.segments(), 1)[0], "finding_ids": ["x"]}
    del found["verdict"]
    reader.events = [(1, "incident", found)]
    events = _parsed(client.get("/api/v1/stream").text)
    data = json.loads(next(event["data"] for event in events if event["event"] == "incident"))
    assert data["explanation"]["contributions"][0]["label"] == "p95 latency"
    assert not {"finding_ids", "verdict"} & set(data)


def test_the_first_thing_told_is_the_status(reader: Any) -> None:
    async def later(after: int | None) -> AsyncIterator[Event]:
        del after
        await asyncio.sleep(0.05)
        yield 1, "lanes", {}

    reader.subscribe = later
    events = _parsed(TestClient(build_app(reader), base_url="http://127.0.0.1").get("/api/v1/stream").text)
    assert events[0]["event"] == "tick"
    assert json.loads(events[0]["data"]) == reader.status()
    assert "id" not in events[0]


@pytest.mark.parametrize(("header", "after"), [("41", 41), ("", None), ("x", None), ("-1", None), ("٣", None)])
def test_a_listener_resumes_after_the_last_event(
    client: TestClient, reader: Any, header: str, after: int | None
) -> None:
    client.get("/api/v1/stream", headers={"Last-Event-ID": header.encode()})
    assert reader.last("subscribe") == {"after": after}


def test_ticks_come_while_nothing_happens() -> None:
    asyncio.run(_ticks())


async def _ticks() -> None:
    pulse, reader = stream.Pulse(0.01), _Silent()
    live = stream._live(pulse, reader, reader.subscribe(None))
    told = [await anext(live) for _ in range(3)]
    await live.aclose()
    assert [event.event for event in told] == ["tick"] * 3
    assert reader.closed


def test_closing_ends_the_stream() -> None:
    asyncio.run(_closing())


async def _closing() -> None:
    pulse, reader = stream.Pulse(60.0), _Silent()
    live = stream._live(pulse, reader, reader.subscribe(None))
    assert (await anext(live)).event == "tick"
    asyncio.get_running_loop().call_later(0.01, pulse.closing.set)
    assert await anext(live, None) is None
    assert reader.closed


def test_a_stream_ends_once_its_listener_is_no_longer_let_in() -> None:
    asyncio.run(_shut_out())


async def _shut_out() -> None:
    answers = iter([True, True, False])
    live = stream._live(stream.Pulse(0.01), reader := _Silent(), reader.subscribe(None), lambda: next(answers))
    assert [event.event async for event in live] == ["tick"] * 2
    assert reader.closed


@pytest.mark.parametrize("error", [Unauthorized("wrong_key"), ConfigError(["keys.json: not a key file"])])
def test_who_was_let_in_is_asked_for_again_at_each_tick(reader: Any, error: Exception) -> None:
    reader.subscribe = _Silent().subscribe
    asked: list[str] = []

    def admit(request: Request) -> None:
        asked.append(request.headers["authorization"])
        if len(asked) == 3:
            raise error

    client = TestClient(build_app(reader, admit=admit, tick_seconds=0.01), base_url="http://127.0.0.1")
    events = _parsed(client.get("/api/v1/stream", headers={"Authorization": "Bearer x"}).text)
    assert [event["event"] for event in events] == ["tick"] * 2
    assert asked == ["Bearer x"] * 3


def test_all_listeners_share_one_status_a_tick() -> None:
    asyncio.run(_shared())


async def _shared() -> None:
    pulse, reader = stream.Pulse(60.0), _Silent()
    texts = await asyncio.gather(*(pulse.status(reader) for _ in range(20)))
    assert len(set(texts)) == 1
    assert json.loads(texts[0])["version"] == "0.1.0"
    assert reader.asked == 1


def test_an_error_of_the_source_ends_the_stream_and_is_loud(reader: Any) -> None:
    async def broken(after: int | None) -> AsyncIterator[Event]:
        del after
        raise RuntimeError("hub is gone")
        yield 1, "lanes", {}

    reader.subscribe = broken
    client = TestClient(build_app(reader), base_url="http://127.0.0.1")
    with pytest.raises(BaseExceptionGroup, match="unhandled errors") as caught:
        client.get("/api/v1/stream")
    assert caught.group_contains(RuntimeError, match="hub is gone", depth=None)


class _Silent:
    """A reader that never tells anything, and knows whether it was left."""

    def __init__(self) -> None:
        self.asked = 0
        self.closed = False

    def status(self) -> dict[str, Any]:
        self.asked += 1
        return seeded.status("watching", seeded.NOW, 5)

    async def subscribe(self, after: int | None) -> AsyncIterator[Event]:
        del after
        try:
            await asyncio.Event().wait()
            yield 1, "lanes", {}
        finally:
            self.closed = True


def test_a_listener_may_leave_while_the_next_event_is_awaited() -> None:
    asyncio.run(_left())


async def _left() -> None:
    reader = _Silent()
    state = SimpleNamespace(pulse=stream.Pulse(0.01), admit=None)
    request: Any = SimpleNamespace(app=SimpleNamespace(state=state))
    told = stream.stream(request, cast("Any", reader), None)
    assert (await anext(told)).event == "tick"
    await cast("AsyncGenerator[Any]", told).aclose()
    assert reader.closed
