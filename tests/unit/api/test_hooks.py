"""Webhooks of tools over HTTP: who may, what reaches the product, and what is counted."""

from __future__ import annotations

import json
from hashlib import sha256
from hmac import new as hmac
from typing import Any

import pytest
from fastapi import Request
from starlette.testclient import TestClient
from tests.unit.decode.test_changes import FLAGSMITH, GITHUB, GITLAB, LAUNCHDARKLY, UNLEASH

from vedette.api.app import build_app
from vedette.api.plans import event_of
from vedette.errors import Unauthorized
from vedette.records.context import EventKind
from vedette.telemetry import metrics

SECRET = "It's a Secret to Everybody"


def only_keys(request: Request) -> None:
    """Let in who has a key."""
    if request.headers.get("authorization") != "Bearer vdt_1_x":
        raise Unauthorized("wrong_key", detail="got no known key")


@pytest.fixture
def guarded(reader: Any) -> TestClient:
    return TestClient(build_app(reader, auth=only_keys, hook_secret=SECRET), base_url="http://127.0.0.1")


def post(client: TestClient, tool: str, body: Any, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/api/v1/context/{tool}", content=json.dumps(body).encode(), headers=sent)


def digest(body: Any, secret: str = SECRET) -> str:
    return hmac(secret.encode(), json.dumps(body).encode(), sha256).hexdigest()


def test_githubs_own_example_of_a_signature() -> None:
    found = hmac(SECRET.encode(), b"Hello, World!", sha256).hexdigest()
    assert found == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


@pytest.mark.parametrize(
    ("tool", "body", "headers"),
    [
        ("github", GITHUB, {"x_hub_signature_256": f"sha256={digest(GITHUB)}", "x_github_event": "deployment_status"}),
        ("launchdarkly", LAUNCHDARKLY, {"x_ld_signature": digest(LAUNCHDARKLY)}),
        ("flagsmith", FLAGSMITH, {"x_flagsmith_signature": digest(FLAGSMITH)}),
        ("gitlab", GITLAB, {"x_gitlab_token": SECRET, "x_gitlab_event": "Deployment Hook"}),
        ("unleash", UNLEASH, {"authorization": "Bearer vdt_1_x"}),
    ],
)
def test_what_is_signed_or_has_a_key_reaches_the_product(
    guarded: TestClient, reader: Any, tool: str, body: Any, headers: dict[str, str]
) -> None:
    before = metrics.CHANGES.value(tool, "announced")
    assert post(guarded, tool, body, **headers).status_code == 200
    (event,) = map(event_of, reader.last("plan")["events"])
    assert event.kind in (EventKind.DEPLOY, EventKind.FLAG)
    assert metrics.CHANGES.value(tool, "announced") == before + 1


@pytest.mark.parametrize(
    ("tool", "body", "headers"),
    [
        ("github", GITHUB, {"x_hub_signature_256": f"sha256={digest(GITHUB, 'other')}"}),
        ("github", GITHUB, {"x_hub_signature_256": f"sha256={digest(GITLAB)}", "authorization": "Bearer vdt_1_x"}),
        ("gitlab", GITLAB, {"x_gitlab_token": "other"}),
        ("gitlab", GITLAB, {}),
        ("unleash", UNLEASH, {"x_gitlab_token": SECRET}),
        ("argocd", {}, {"authorization": "Bearer vdt_1_y"}),
    ],
)
def test_what_is_neither_is_refused(
    guarded: TestClient, reader: Any, tool: str, body: Any, headers: dict[str, str]
) -> None:
    before = metrics.CHANGES.value(tool, "wrong_key")
    assert post(guarded, tool, body, **headers).status_code == 401
    assert reader.calls == []
    assert metrics.CHANGES.value(tool, "wrong_key") == before + 1


def test_a_signature_without_a_secret_here_is_refused(client: TestClient, reader: Any) -> None:
    answer = post(client, "gitlab", GITLAB, x_gitlab_token="anything")
    assert (answer.status_code, reader.calls) == (401, [])
    assert "server.webhook_secret" in answer.json()["detail"]


def test_what_cannot_be_read_is_answered_in_words_and_counted(client: TestClient, reader: Any) -> None:
    before = metrics.CHANGES.value("argocd", "not_a_change")
    answer = post(client, "argocd", {"message": "Synced"})
    assert (answer.status_code, reader.calls) == (400, [])
    assert "{{toJson .app}}" in answer.json()["detail"]
    assert metrics.CHANGES.value("argocd", "not_a_change") == before + 1


def test_what_changes_nothing_is_passed_over_and_counted(client: TestClient, reader: Any) -> None:
    before = metrics.CHANGES.value("gitlab", "ignored")
    answer = post(client, "gitlab", {**GITLAB, "status": "running"})
    assert (answer.status_code, answer.json()["items"], reader.calls) == (200, [], [])
    assert metrics.CHANGES.value("gitlab", "ignored") == before + 1


def test_the_address_says_services_and_environments(client: TestClient, reader: Any) -> None:
    address = "/api/v1/context/gitlab?service=web&service=api&environment=production"
    assert client.post(address, json=GITLAB).status_code == 200
    assert reader.last("plan")["events"][0]["segments"] == ["web", "api"]


def test_an_unknown_kind_or_tool_is_refused(client: TestClient) -> None:
    assert client.post("/api/v1/context/cloudevents?kind=sale", json={"type": "a"}).status_code == 400
    assert client.post("/api/v1/context/teapot", json={}).status_code in (404, 405)


def test_too_large_a_document_is_refused(client: TestClient) -> None:
    assert client.post("/api/v1/context/github", content=b" " * (2 << 20)).status_code == 413


def test_another_sites_page_may_not(client: TestClient, reader: Any) -> None:
    assert post(client, "unleash", UNLEASH, sec_fetch_site="cross-site").status_code == 403
    assert reader.calls == []
