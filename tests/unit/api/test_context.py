"""Planned events and silences: what reaches the product, and what is refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from vedette.api.plans import event_of, shown, silence_of
from vedette.records.context import EventKind
from vedette.records.time import SECOND

START = "2026-11-27T20:00:00+01:00"
SALE = {"kind": "sale", "title": "Black Friday", "start": START, "end": "2026-11-28T00:00:00Z", "lift": 6}
SILENCE = {
    "matchers": [{"name": "service", "value": "shop", "isRegex": False}],
    "startsAt": START,
    "endsAt": "2026-11-28T00:00:00Z",
    "createdBy": "ann",
    "comment": "deploying",
}


def test_an_event_reaches_the_product_in_utc(client: TestClient, reader: Any) -> None:
    answer = client.post("/api/v1/context", json={"items": [SALE]})
    assert answer.status_code == 200
    (event,) = reader.last("plan")["events"]
    made = event_of(event)
    assert (made.kind, made.lift, made.segments) == (EventKind.SALE, 6.0, ())
    assert (made.end - made.start) // SECOND == 5 * 3600
    assert made.id == event_of(event).id
    assert shown(made, made.start)["state"] == "on"
    assert shown(made, made.end)["state"] == "over"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"end": None}, "a sale needs an end"),
        ({"end": START}, "expected an end after the start"),
        ({"kind": "party"}, "'party'"),
        ({"lift": 0}, "greater than 0"),
        ({"title": ""}, "at least 1 character"),
        ({"start": "soon"}, "'soon'"),
        ({"id": "a/b"}, "pattern"),
        ({"until": START}, "until"),
    ],
)
def test_an_event_that_cannot_be_is_refused_in_words(
    client: TestClient, reader: Any, change: dict[str, Any], words: str
) -> None:
    answer = client.post("/api/v1/context", json={"items": [{**SALE, **change}]})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert reader.calls == []


def test_a_deploy_needs_no_end_and_ends_when_it_begins(client: TestClient, reader: Any) -> None:
    body = {"items": [{"kind": "deploy", "title": "2.4.0", "start": START}]}
    assert client.post("/api/v1/context", json=body).status_code == 200
    made = event_of(reader.last("plan")["events"][0])
    assert made.start == made.end


def test_events_are_listed_and_taken_back(client: TestClient) -> None:
    assert [one["id"] for one in client.get("/api/v1/context").json()["items"]] == ["e1"]
    assert client.delete("/api/v1/context/e1").status_code == 204
    answer = client.delete("/api/v1/context/e2")
    assert answer.status_code == 404
    assert "'e2'" in answer.json()["detail"]


def test_a_silence_is_taken_as_alertmanager_takes_it(client: TestClient, reader: Any) -> None:
    assert client.post("/api/v1/silences", json=SILENCE).json() == {"silenceID": "s1"}
    made = silence_of(reader.last("silence")["wanted"])
    assert (made.matchers[0].name, made.author) == ("service", "ann")
    assert client.delete("/api/v1/silences/s1").status_code == 204
    assert client.delete("/api/v1/silences/s2").status_code == 404
    assert client.post("/api/v1/silences", json={**SILENCE, "matchers": []}).status_code == 422


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_another_site_cannot_plan_or_silence(client: TestClient, reader: Any, method: str) -> None:
    for path in ("context", "silences"):
        whole = f"/api/v1/{path}" + ("/e1" if method == "DELETE" else "")
        assert client.request(method, whole, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert reader.calls == []


def test_clients_of_alertmanager_add_list_and_end_silences(client: TestClient, reader: Any) -> None:
    body = {**SILENCE, "endsAt": "2026-11-28T00:00:00.123456789Z"}
    assert client.post("/api/v2/silences", json=body).json() == {"silenceID": "s1"}
    assert reader.last("silence")["wanted"]["comment"] == "deploying"
    assert client.get("/api/v2/silences").json() == []
    assert client.delete("/api/v2/silence/s1").status_code == 200
    assert client.delete("/api/v2/silence/s2").status_code == 404
