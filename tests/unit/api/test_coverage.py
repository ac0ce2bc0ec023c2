"""Proofs over HTTP."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient
from tests.unit.api.conftest import PROOF

ACCOUNT = {"vedette": "0", "date": "2026-11-01T00:00:00Z", "techniques": [PROOF], "signature": "00"}


def test_what_was_proved_is_listed_with_why_it_is_stale(client: TestClient) -> None:
    answer = client.get("/api/v1/coverage").json()
    assert [(row["key"], row["stale"]) for row in answer["techniques"]] == [("T1190", "older than 90 days")]
    assert answer["proved"] == 0


def test_an_account_is_kept_without_what_is_not_asked_for(client: TestClient, reader: Any) -> None:
    answer = client.post("/api/v1/coverage/proofs", json=ACCOUNT)
    assert (answer.status_code, answer.json()) == (200, {"kept": 1})
    assert "signature" not in reader.last("keep_proof")["account"]


def test_an_account_that_is_none_is_refused_by_name(client: TestClient, reader: Any) -> None:
    for wrong in ({"technique": "X1"}, {"outcome": "perhaps"}, {"seconds": -1}):
        answer = client.post("/api/v1/coverage/proofs", json={**ACCOUNT, "techniques": [{**PROOF, **wrong}]})
        assert answer.status_code == 422
        assert next(iter(wrong)) in answer.text
    assert reader.calls == []


def test_the_matrix_says_what_stands_for_each_technique(client: TestClient) -> None:
    answer = client.get("/api/v1/coverage/matrix")
    assert answer.status_code == 200
    found = {row["id"]: row for row in answer.json()["techniques"]}
    assert (found["T1110.003"]["state"], found["T1078"]["state"]) == ("proved", "missed")
    assert "The MITRE Corporation" in answer.json()["notice"]


def test_the_layer_is_a_file_to_keep(client: TestClient) -> None:
    answer = client.get("/api/v1/coverage/layer")
    assert answer.headers["content-disposition"] == 'attachment; filename="vedette-layer.json"'
    assert answer.json()["versions"]["layer"] == "4.5"
