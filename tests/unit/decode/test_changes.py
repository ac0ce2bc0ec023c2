"""Webhooks of flag and delivery tools, in the form of their documentation: what is announced, passed over, refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vedette.decode.changes import AHEAD, LONGEST, TOOLS, Asked, changes_of
from vedette.errors import BadInput
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.time import SECOND, from_rfc3339, rfc3339

NOW = from_rfc3339("2026-11-27T02:00:00Z")

UNLEASH = {
    "id": 899,
    "type": "feature-environment-enabled",
    "createdBy": "admin@example.com",
    "createdByUserId": 1,
    "createdAt": "2026-11-27T01:00:04.000Z",
    "data": None,
    "preData": None,
    "tags": [],
    "featureName": "new-checkout",
    "project": "default",
    "environment": "production",
}
LAUNCHDARKLY = {
    "_links": {"canonical": {"href": "/api/v2/flags/default/new-checkout", "type": "application/json"}},
    "_id": "57c0a8e29969090743529965",
    "date": 1795741204774,
    "accesses": [{"action": "updateOn", "resource": "proj/default:env/production:flag/new-checkout"}],
    "kind": "flag",
    "name": "New checkout",
    "description": "",
    "member": {"_id": "548f6741c1efad40031b18ae", "email": "ariel@acme.com"},
    "titleVerb": "turned on the flag",
    "title": "[Ariel Flores](mailto:ariel@acme.com) turned on the flag [New checkout](https://app…) in `Production`",
}
FLAGSMITH = {
    "data": {
        "changed_by": "Ben Rometsch",
        "new_state": {
            "enabled": True,
            "environment": {"id": 23, "name": "Production"},
            "environment_feature_version": None,
            "feature": {
                "created_date": "2021-02-10T20:03:43.348556Z",
                "id": 6,
                "name": "butter_bar",
                "type": "STANDARD",
            },
            "feature_segment": None,
            "feature_state_value": "You are using the develop environment.",
            "identity": None,
        },
        "previous_state": {"enabled": False, "feature": {"name": "butter_bar"}},
        "timestamp": "2026-11-27T01:00:04.595836Z",
    },
    "event_type": "FLAG_UPDATED",
}
GITHUB = {
    "action": "created",
    "deployment_status": {
        "id": 11227899,
        "state": "success",
        "environment": "production",
        "created_at": "2026-11-27T01:00:04Z",
        "updated_at": "2026-11-27T01:00:04Z",
    },
    "deployment": {
        "id": 145988746,
        "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        "ref": "v2.4.0",
        "task": "deploy",
        "environment": "production",
    },
    "repository": {"id": 186853002, "name": "shop", "full_name": "Codertocat/shop", "private": False},
    "sender": {"login": "Codertocat", "id": 21031067},
}
RELEASE = {
    "action": "published",
    "release": {"tag_name": "0.0.1", "published_at": "2026-11-27T01:00:04Z", "draft": False},
    "repository": {"name": "shop"},
}
GITLAB = {
    "object_kind": "deployment",
    "status": "success",
    "status_changed_at": "2026-11-27 03:00:04 +0200",
    "deployment_id": 15,
    "deployable_id": 796,
    "deployable_url": "https://gitlab.example/team/shop/-/jobs/796",
    "environment": "production",
    "environment_tier": "production",
    "project": {"id": 30, "name": "shop", "path_with_namespace": "root/shop", "default_branch": "master"},
    "short_sha": "279484c0",
    "user": {"id": 1, "name": "Administrator", "username": "root"},
    "commit_title": "Add new file",
}
PIPELINE = {
    "object_kind": "pipeline",
    "object_attributes": {
        "id": 31,
        "ref": "master",
        "sha": "bcbb5ec396a2c0f828686f14fac9b80b780504f2",
        "status": "success",
        "finished_at": "2026-11-27 01:26:29 UTC",
    },
    "project": {"id": 1, "name": "shop"},
    "builds": [
        {
            "id": 380,
            "stage": "deploy",
            "name": "production",
            "status": "skipped",
            "environment": {"name": "production"},
        },
        {"id": 377, "stage": "test", "name": "test", "status": "success", "environment": None},
        {
            "id": 378,
            "stage": "deploy",
            "name": "staging",
            "status": "success",
            "finished_at": "2026-11-27 01:00:04 UTC",
            "environment": {"name": "staging", "action": "start", "deployment_tier": "staging"},
        },
    ],
}
GITLAB_FLAG = {
    "object_kind": "feature_flag",
    "project": {"name": "shop"},
    "object_attributes": {"id": 6, "name": "test-feature-flag", "description": "", "active": True},
}
ARGOCD = {
    "metadata": {"name": "shop", "namespace": "argocd"},
    "spec": {"destination": {"namespace": "production", "server": "https://kubernetes.default.svc"}},
    "status": {
        "health": {"status": "Healthy"},
        "operationState": {
            "phase": "Succeeded",
            "finishedAt": "2026-11-27T01:00:04Z",
            "syncResult": {"revision": "aa29b85ababd3a5d0a4cbcc1a8ae6e4a4b2c1d90"},
        },
        "sync": {"revision": "aa29b85ababd3a5d0a4cbcc1a8ae6e4a4b2c1d90", "status": "Synced"},
    },
}
CDEVENT = {
    "specversion": "1.0",
    "id": "A234-1234-1234",
    "source": "/ci/tekton",
    "type": "dev.cdevents.service.upgraded.0.2.0",
    "time": "2026-11-27T01:00:04Z",
    "data": {
        "context": {"version": "0.4.1", "type": "dev.cdevents.service.upgraded.0.2.0"},
        "subject": {
            "id": "shop",
            "type": "service",
            "content": {"environment": {"id": "production"}, "artifactId": "pkg:oci/shop@sha256%3A0b31b1c02ff458ad9b"},
        },
    },
}
PLAIN = {
    "specversion": "1.0",
    "id": "7",
    "source": "/autoscaler",
    "type": "com.example.scaled",
    "time": "2026-11-27T01:00:04Z",
    "data": {"kind": "scaling", "title": "shop 3 to 9 replicas", "service": "shop", "environment": "production"},
}

ANNOUNCED = [
    ("unleash", UNLEASH, {}, EventKind.FLAG, "flag new-checkout: turned on in production", ()),
    ("launchdarkly", LAUNCHDARKLY, {}, EventKind.FLAG, "flag New checkout: turned on the flag in production", ()),
    ("flagsmith", FLAGSMITH, {}, EventKind.FLAG, "flag butter_bar: on, or changed in Production", ()),
    (
        "github",
        GITHUB,
        {"x-github-event": "deployment_status"},
        EventKind.DEPLOY,
        "shop v2.4.0 to production",
        ("shop",),
    ),
    ("github", RELEASE, {"x-github-event": "release"}, EventKind.DEPLOY, "release 0.0.1 of shop", ("shop",)),
    ("gitlab", GITLAB, {}, EventKind.DEPLOY, "shop 279484c0 to production", ("shop",)),
    ("gitlab", PIPELINE, {}, EventKind.DEPLOY, "shop bcbb5ec3 to staging", ("shop",)),
    ("argocd", ARGOCD, {}, EventKind.DEPLOY, "shop aa29b85ababd to production", ("shop",)),
    (
        "cloudevents",
        CDEVENT,
        {},
        EventKind.DEPLOY,
        "shop pkg:oci/shop@sha256%3A0b31b1c02ff458ad9b to production",
        ("shop",),
    ),
    ("cloudevents", PLAIN, {}, EventKind.SCALING, "shop 3 to 9 replicas", ("shop",)),
]


def read(tool: str, body: Any, headers: dict[str, str] | None = None, asked: Asked | None = None) -> list[PlannedEvent]:
    return changes_of(tool, json.dumps(body).encode(), headers or {}, NOW, asked or Asked())


@pytest.mark.parametrize(("tool", "body", "headers", "kind", "title", "services"), ANNOUNCED)
def test_a_change_is_an_event(
    tool: str, body: Any, headers: dict[str, str], kind: EventKind, title: str, services: tuple[str, ...]
) -> None:
    (event,) = read(tool, body, headers)
    assert (event.kind, event.title, event.segments) == (kind, title, services)
    assert rfc3339(event.start)[:19] == "2026-11-27T01:00:04"
    assert event.end == event.start
    assert read(tool, body, headers) == [event]


def test_every_tool_is_tried() -> None:
    assert {one[0] for one in ANNOUNCED} == set(TOOLS)


def test_a_flag_of_gitlab_says_no_time_and_gets_that_of_its_arrival() -> None:
    (event,) = read("gitlab", GITLAB_FLAG)
    assert (event.title, event.start) == ("flag test-feature-flag: turned on", NOW)


def test_cloudevents_in_headers() -> None:
    headers = {"ce-specversion": "1.0", "ce-type": "com.example.scaled", "ce-time": PLAIN["time"], "ce-id": "7"}
    assert read("cloudevents", PLAIN["data"], headers)[0].title == "shop 3 to 9 replicas"


@pytest.mark.parametrize(
    ("tool", "body", "headers"),
    [
        ("unleash", {**UNLEASH, "type": "feature-tagged"}, {}),
        ("launchdarkly", {**LAUNCHDARKLY, "kind": "member"}, {}),
        ("flagsmith", {**FLAGSMITH, "event_type": "NEW_VERSION_PUBLISHED"}, {}),
        ("github", {**GITHUB, "deployment_status": {"state": "pending"}}, {"x-github-event": "deployment_status"}),
        ("github", {"zen": "Design for failure.", "hook_id": 1}, {"x-github-event": "ping"}),
        ("gitlab", {**GITLAB, "status": "running"}, {}),
        ("argocd", {**ARGOCD, "status": {"operationState": {"phase": "Running"}}}, {}),
        ("cloudevents", {**CDEVENT, "type": "dev.cdevents.pipelinerun.started.0.2.0"}, {}),
    ],
)
def test_what_changes_nothing_that_is_served_is_passed_over(tool: str, body: Any, headers: dict[str, str]) -> None:
    assert read(tool, body, headers) == []


@pytest.mark.parametrize("tool", sorted(TOOLS))
@pytest.mark.parametrize("body", [{}, [], "text", 7, None, {"data": [], "status": 3, "accesses": {}}])
def test_what_is_no_document_of_the_tool_is_refused_in_words(tool: str, body: Any) -> None:
    with pytest.raises(BadInput, match="expected"):
        read(tool, body)


def test_no_json_is_refused() -> None:
    with pytest.raises(BadInput, match="invalid_json"):
        changes_of("github", b"payload=%7B", {}, NOW, Asked())


@pytest.mark.parametrize("when", ["soon", -5, 1e30, rfc3339(NOW + 2 * AHEAD)])
def test_a_time_that_cannot_be_is_refused(when: object) -> None:
    with pytest.raises(BadInput, match="bad_time"):
        read("unleash", {**UNLEASH, "createdAt": when})


def test_services_of_the_address_count_instead_and_other_environments_are_passed_over() -> None:
    headers = {"x-github-event": "deployment_status"}
    asked = Asked(services=("web", "api"), environments=("Production",))
    assert read("github", GITHUB, headers, asked)[0].segments == ("web", "api")
    assert read("gitlab", PIPELINE, {}, asked) == []
    assert len(read("github", RELEASE, {"x-github-event": "release"}, asked)) == 1


def test_a_title_is_cut_and_of_one_line() -> None:
    (event,) = read("unleash", {**UNLEASH, "featureName": "a\n" * 500})
    assert len(event.title) <= LONGEST
    assert "\n" not in event.title


def test_events_differ_by_what_they_say() -> None:
    (one,), (other,) = read("unleash", UNLEASH), read("unleash", {**UNLEASH, "environment": "staging"})
    assert one.id != other.id
    assert one.start % SECOND == 0
