"""A cluster's workloads as planned events, from a watch recorded at a real API server."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from vedette.decode import workloads
from vedette.decode.workloads import Workloads
from vedette.records.context import EventKind

RECORDED = [
    json.loads(line) for line in (Path(__file__).parents[1] / "receive/kubernetes_watch.jsonl").read_text().splitlines()
]
"""``kubectl``: create, scale, set image, rollout restart, delete; with bookmarks."""

CREATED, SCALED, NEW_IMAGE, RESTARTED, DELETED = (one["object"] for one in RECORDED if one["type"] != "BOOKMARK")
SCALER: dict[str, Any] = {
    "metadata": {"uid": "h1", "namespace": "demo", "name": "shop"},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "shop"}, "minReplicas": 2, "maxReplicas": 10},
}


@pytest.fixture
def known() -> Workloads:
    """Return workloads that began with an empty list."""
    made = Workloads()
    assert made.listed([], 1) == []
    return made


def changed(one: Any, **spec: Any) -> Any:
    copy = deepcopy(one)
    copy["spec"].update(spec)
    return copy


def test_a_recorded_watch_is_told(known: Workloads) -> None:
    told = [event for one in (CREATED, SCALED, NEW_IMAGE, RESTARTED) for event in known.changed(one, 5)]
    told += known.removed(DELETED, 9)
    assert [(one.kind, one.title, one.start) for one in told] == [
        (EventKind.DEPLOY, "demo/shop is new with shop:2.4.0", 5),
        (EventKind.SCALING, "demo/shop from 3 to 9 replicas", 5),
        (EventKind.DEPLOY, "demo/shop with shop:2.5.0", 5),
        (EventKind.DEPLOY, "demo/shop is rolled out anew", 5),
        (EventKind.DEPLOY, "demo/shop is removed", 9),
    ]
    assert {one.segments for one in told} == {("shop",)}


def test_what_was_there_at_first_changes_nothing_and_what_changed_in_a_gap_is_told() -> None:
    made = Workloads()
    assert made.listed([CREATED], 1) == []
    assert made.listed([CREATED], 2) == []
    assert [one.title for one in made.listed([NEW_IMAGE], 3)] == [
        "demo/shop with shop:2.5.0",
        "demo/shop from 3 to 9 replicas",
    ]
    assert [one.title for one in made.listed([], 4)] == ["demo/shop is removed"]


def test_a_change_of_status_is_none(known: Workloads) -> None:
    known.changed(CREATED, 1)
    assert known.changed({**CREATED, "status": {"readyReplicas": 3}}, 2) == []


def test_the_latest_scaling_of_a_workload_replaces_the_one_before(known: Workloads) -> None:
    known.changed(CREATED, 1)
    scalings = [known.changed(changed(CREATED, replicas=number), number)[0] for number in (4, 5, 6)]
    assert len({one.id for one in scalings}) == 1
    deploys = [known.changed(one, number)[0] for number, one in enumerate((NEW_IMAGE, RESTARTED), 10)]
    assert len({one.id for one in deploys}) == 2


def test_an_autoscalers_range_is_a_scaling_of_its_target(known: Workloads) -> None:
    assert known.changed(SCALER, 1) == []
    (event,) = known.changed(changed(SCALER, maxReplicas=20), 2)
    assert (event.kind, event.title, event.segments) == (
        EventKind.SCALING,
        "demo/shop from 2–10 to 2–20 replicas",
        ("shop",),
    )
    assert known.removed(SCALER, 3) == []


@pytest.mark.parametrize(
    ("labels", "annotations", "service"),
    [
        ({}, {}, "web"),
        ({"app": "shop"}, {}, "shop"),
        ({"app": "shop", "app.kubernetes.io/name": "store"}, {}, "store"),
        ({"app": "shop"}, {"resource.opentelemetry.io/service.name": "checkout"}, "checkout"),
    ],
)
def test_whose_service_it_is(
    known: Workloads, labels: dict[str, str], annotations: dict[str, str], service: str
) -> None:
    pods = {"metadata": {"labels": labels, "annotations": annotations}, "spec": {"containers": [{"image": "a:1"}]}}
    one = {"metadata": {"uid": "u", "namespace": "n", "name": "web"}, "spec": {"replicas": 1, "template": pods}}
    assert known.changed(one, 1)[0].segments == (service,)


@pytest.mark.parametrize(
    "one", [{}, {"metadata": 3, "spec": []}, {"spec": {"template": {"spec": {"containers": [7]}}}}]
)
def test_what_is_no_workload_changes_nothing(known: Workloads, one: Any) -> None:
    assert known.changed(one, 1) == []


def test_workloads_are_bounded(known: Workloads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workloads, "MOST", 1)
    known.changed(CREATED, 1)
    assert known.changed(SCALER, 2) == []
    assert known.refused == 1
