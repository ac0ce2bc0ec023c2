"""Status, segments, lanes, series, sources."""

from __future__ import annotations

import time
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.e2e import seeded

from vedette.records.time import SECOND

DAY = 86_400 * SECOND


def test_status_is_that_of_the_reader(client: TestClient) -> None:
    answer = client.get("/api/v1/status")
    assert answer.status_code == 200
    assert answer.json() == seeded.status("watching", seeded.NOW, 5)


def test_what_a_document_has_beyond_the_contract_is_not_sent(client: TestClient, reader: Any) -> None:
    known = reader.status()
    reader.status = lambda: {**known, "secret": 1}
    assert "secret" not in client.get("/api/v1/status").json()


def test_segments_have_an_end(client: TestClient) -> None:
    answer = client.get("/api/v1/segments").json()
    assert answer["next"] is None
    assert [item["segment"] for item in answer["items"]] == [item["segment"] for item in seeded.segments()[:2]]


def test_a_segment_says_the_tier_of_its_service(client: TestClient) -> None:
    items = client.get("/api/v1/segments").json()["items"]
    assert {(one["segment_parts"]["service"], one["tier"]) for one in items[:2]} == {("web", "frontend"), ("api", "")}


def test_segments_of_a_tier_only(client: TestClient) -> None:
    items = client.get("/api/v1/segments", params={"tier": ["frontend", "database"]}).json()["items"]
    assert [one["segment_parts"]["service"] for one in items] == ["web"]


def test_a_segment_lists_its_numbers_with_the_words_for_them(client: TestClient) -> None:
    features = client.get("/api/v1/segments").json()["items"][0]["features"]
    assert features[0] == {
        "feature": "latency_p95_seconds",
        "label": "p95 latency",
        "unit": "s",
        "quantity": "duration",
    }
    assert features[2]["label"] == seeded.SCRIPT


def test_sources_are_listed(client: TestClient) -> None:
    assert client.get("/api/v1/sources").json()["items"][0]["source"] == "otlp/logs"


def test_lanes_of_a_given_range(client: TestClient, reader: Any) -> None:
    query = {"since": "2026-11-24T00:00:00Z", "until": "1795500000.5", "cells": 48, "limit": 3, "tier": "database"}
    answer = client.get("/api/v1/lanes", params=query)
    assert answer.status_code == 200
    assert reader.last("lanes") == {
        "since": 1_795_478_400 * SECOND,
        "until": 1_795_500_000 * SECOND + SECOND // 2,
        "cells": 48,
        "limit": 3,
        "tiers": ["database"],
    }


def test_lanes_keep_null_learning_and_score_apart(client: TestClient, reader: Any) -> None:
    board = {**seeded.lanes(["a"]), "cells": 3}
    board["rows"] = [{"segment": "a", "state": "ready", "scores": [None, -1.0, 97.5]}]
    reader.lanes = lambda **_: board
    assert client.get("/api/v1/lanes").json()["rows"][0]["scores"] == [None, -1.0, 97.5]


def test_a_range_defaults_to_the_day_up_to_now_while_data_is_fresh(client: TestClient, reader: Any) -> None:
    reader.data_to = None
    before = time.time_ns()
    client.get("/api/v1/lanes")
    asked = reader.last("lanes")
    assert before <= asked["until"] <= time.time_ns()
    assert asked["until"] - asked["since"] == DAY


def test_a_range_defaults_to_the_latest_day_with_data_when_that_is_long_ago(client: TestClient, reader: Any) -> None:
    reader.data_to = "2020-01-02T00:00:00.000Z"
    client.get("/api/v1/series", params={"segment": "a"})
    asked = reader.last("series")
    assert asked["until"] == 1_577_923_200 * SECOND + 1
    assert asked["until"] - asked["since"] == DAY


def test_series_without_a_feature_asks_for_the_worst(client: TestClient, reader: Any) -> None:
    answer = client.get("/api/v1/series", params={"segment": "web POST /checkout", "points": 10})
    assert reader.last("series")["feature"] == ""
    assert reader.last("series")["segment"] == "web POST /checkout"
    assert len(answer.json()["t"]) == 10


def test_numbers_that_json_lacks_become_null(client: TestClient, reader: Any) -> None:
    broken = {**seeded.series("a", "", 2), "actual": [float("nan"), float("inf")]}
    reader.series = lambda **_: broken
    assert client.get("/api/v1/series", params={"segment": "a"}).json()["actual"] == [None, None]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"since": "yesterday"}, "query.since"),
        ({"since": "-5"}, "query.since"),
        ({"until": "99999999999999"}, "query.until"),
        ({"cells": "0"}, "query.cells"),
        ({"cells": "401"}, "query.cells"),
        ({"limit": "x"}, "query.limit"),
    ],
)
def test_a_wrong_parameter_is_named(client: TestClient, query: dict[str, str], place: str) -> None:
    answer = client.get("/api/v1/lanes", params=query)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "invalid_parameters"
    assert place in problem["detail"]
    assert next(iter(query.values())) in problem["detail"]


def test_a_range_that_ends_before_it_begins_is_refused(client: TestClient) -> None:
    answer = client.get("/api/v1/lanes", params={"since": "20", "until": "10"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_range"


def test_a_range_that_would_begin_before_1970_begins_there(client: TestClient, reader: Any) -> None:
    client.get("/api/v1/lanes", params={"until": "10"})
    assert reader.last("lanes")["since"] == 0
