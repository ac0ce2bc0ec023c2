"""Incidents: filters, one, verdict."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.e2e import seeded

from vedette.records.time import SECOND

FIRST = f"{0:024x}"
PATH = "/api/v1/incidents"


def test_a_list_shows_what_fires_by_default(client: TestClient, reader: Any) -> None:
    answer = client.get(PATH).json()
    assert reader.last("incidents") == {
        "phases": ["firing"],
        "severities": None,
        "segment": None,
        "tiers": None,
        "since": None,
        "until": None,
        "limit": 50,
        "cursor": None,
    }
    assert [item["id"] for item in answer["items"]] == [FIRST, f"{1:024x}"]
    assert answer["next"] == "more"


@pytest.mark.parametrize(
    ("states", "phases"),
    [
        (["open"], ["firing"]),
        (["pending"], ["pending"]),
        (["firing", "resolved"], ["firing", "resolved"]),
        (["all"], None),
        (["all", "open"], None),
    ],
)
def test_states_become_phases(client: TestClient, reader: Any, states: list[str], phases: list[str] | None) -> None:
    assert client.get(PATH, params={"state": states}).status_code == 200
    assert reader.last("incidents")["phases"] == phases


def test_every_filter_reaches_the_reader(client: TestClient, reader: Any) -> None:
    query = {
        "severity": ["high", "critical"],
        "segment": "prod/web POST /checkout",
        "tier": ["database", "cache"],
        "since": "100",
        "until": "200",
        "limit": "7",
        "cursor": "abc",
    }
    client.get(PATH, params=query)
    assert reader.last("incidents") == {
        "phases": ["firing"],
        "severities": ["high", "critical"],
        "segment": "prod/web POST /checkout",
        "tiers": ["database", "cache"],
        "since": 100 * SECOND,
        "until": 200 * SECOND,
        "limit": 7,
        "cursor": "abc",
    }


@pytest.mark.parametrize(
    "query", [{"state": "closed"}, {"severity": "awful"}, {"limit": "501"}, {"limit": "0"}, {"tier": "a" * 61}]
)
def test_unknown_filters_are_refused(client: TestClient, reader: Any, query: dict[str, str]) -> None:
    assert client.get(PATH, params=query).status_code == 422
    assert reader.calls == []


def test_an_incident_comes_with_its_findings_and_past_ones_like_it(client: TestClient) -> None:
    found = seeded.incidents(seeded.segments(), 1)[0]
    answer = client.get(f"{PATH}/{FIRST}").json()
    assert _without_labels(answer) == {**found, "findings": seeded.findings(found), "similar": seeded.similar(found)}


def test_features_come_with_the_words_for_them(client: TestClient) -> None:
    answer = client.get(f"{PATH}/{FIRST}").json()
    labels = [part["label"] for part in answer["explanation"]["contributions"]]
    assert labels == ["p95 latency", "share of server errors", "requests", "lock wait"]
    assert [finding["label"] for finding in answer["findings"]] == ["p95 latency", "structure of requests"]


def test_an_unknown_incident_is_not_found(client: TestClient) -> None:
    answer = client.get(f"{PATH}/beef")
    assert answer.status_code == 404
    assert "'beef'" in answer.json()["detail"]


@pytest.mark.parametrize("verdict", ["real", "expected", "noise", None])
def test_a_verdict_is_stored_and_shown(client: TestClient, reader: Any, verdict: str | None) -> None:
    answer = client.post(f"{PATH}/{FIRST}/verdict", json={"verdict": verdict})
    assert answer.status_code == 200
    assert answer.json()["verdict"] == verdict
    how = {"note": "", "preview": False, "force": False}
    assert reader.last("judge") == {"incident_id": FIRST, "verdict": verdict, **how}


@pytest.mark.parametrize("body", [{"verdict": "great"}, {}, [], "noise", {"verdict": 1}])
def test_other_verdicts_are_refused(client: TestClient, reader: Any, body: Any) -> None:
    assert client.post(f"{PATH}/{FIRST}/verdict", json=body).status_code == 422
    assert reader.calls == []


def test_a_verdict_on_nothing_is_not_found(client: TestClient) -> None:
    assert client.post(f"{PATH}/beef/verdict", json={"verdict": "real"}).status_code == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_cannot_judge(client: TestClient, reader: Any, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    answer = client.post(f"{PATH}/{FIRST}/verdict", json={"verdict": "noise"}, headers=headers)
    assert answer.status_code == 403
    assert reader.calls == []


def test_a_form_of_another_site_cannot_judge(client: TestClient, reader: Any) -> None:
    """A body that is not declared as JSON needs no preflight, so it must not be read as JSON."""
    headers = {"Content-Type": "text/plain"}
    answer = client.post(f"{PATH}/{FIRST}/verdict", content='{"verdict": "noise"}', headers=headers)
    assert answer.status_code == 422
    assert reader.calls == []


def _without_labels(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_labels(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _without_labels(part) for key, part in value.items() if key != "label"}


class TestForms:
    @pytest.mark.parametrize(
        ("form", "media", "where"),
        [
            ("json", "application/json", ("id",)),
            ("ocsf", "application/ocsf+json", ("finding_info", "uid")),
            ("ecs", "application/ecs+json", ("event", "id")),
        ],
    )
    def test_an_incident_is_served_in_the_form_that_is_asked_for(
        self, client: TestClient, form: str, media: str, where: tuple[str, ...]
    ) -> None:
        answer = client.get(f"{PATH}/{FIRST}", params={"format": form})
        found = answer.json()
        for name in where:
            found = found[name]
        assert (answer.headers["content-type"], found) == (media, FIRST)

    def test_a_line_of_cef_is_text(self, client: TestClient) -> None:
        answer = client.get(f"{PATH}/{FIRST}", params={"format": "cef"})
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text.startswith("CEF:0|Vedette|Vedette|")
        assert answer.text.count("\n") == 1

    def test_another_form_is_refused(self, client: TestClient, reader: Any) -> None:
        assert client.get(f"{PATH}/{FIRST}", params={"format": "leef"}).status_code == 422
        assert reader.calls == []

    @pytest.mark.parametrize("form", ["ocsf", "ecs", "cef"])
    def test_an_unknown_incident_is_not_found_in_any_form(self, client: TestClient, form: str) -> None:
        assert client.get(f"{PATH}/beef", params={"format": form}).status_code == 404


def test_all_findings_come_part_by_part(client: TestClient, reader: Any) -> None:
    answer = client.get(f"{PATH}/{FIRST}/findings", params={"limit": 3, "cursor": "abc"}).json()
    assert reader.last("findings") == {"incident_id": FIRST, "limit": 3, "cursor": "abc"}
    assert answer["items"]
    assert answer["next"] == "more"
    assert client.get(f"{PATH}/nothing/findings").status_code == 404
    assert client.get(f"{PATH}/{FIRST}/findings", params={"limit": 1001}).status_code == 422
