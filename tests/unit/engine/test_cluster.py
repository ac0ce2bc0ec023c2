"""A cluster's changes reach the announcer once, whatever the journal says meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

import pytest
from tests.unit.decode.test_workloads import CREATED, DELETED, SCALED

from vedette.config.schema import Kubernetes
from vedette.engine.cluster import Announced, cluster_jobs
from vedette.errors import Backpressure, BadInput, ConfigError
from vedette.records.context import PlannedEvent


class Announcer:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.told: list[str] = []

    def plan(self, events: Sequence[PlannedEvent]) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.told += [one.title for one in events]


def test_changes_are_announced() -> None:
    desk = Announcer()
    taken = Announced("deployments", desk.plan, lambda: 5)
    taken.listed([CREATED])
    taken.changed("MODIFIED", SCALED)
    taken.changed("DELETED", DELETED)
    assert desk.told == ["demo/shop from 3 to 9 replicas", "demo/shop is removed"]


def test_what_the_journal_does_not_take_waits() -> None:
    desk = Announcer(Backpressure("full", 1.0))
    taken = Announced("deployments", desk.plan, lambda: 5)
    taken.listed([CREATED])
    with pytest.raises(Backpressure):
        taken.changed("MODIFIED", SCALED)
    taken.changed("MODIFIED", SCALED)
    assert desk.told == ["demo/shop from 3 to 9 replicas"]


def test_one_event_too_many_is_passed_over() -> None:
    desk = Announcer(BadInput("too_many_events"))
    taken = Announced("deployments", desk.plan, lambda: 5)
    taken.listed([CREATED])
    taken.changed("MODIFIED", SCALED)
    taken.changed("DELETED", DELETED)
    assert desk.told == ["demo/shop is removed"]


def test_nothing_is_watched_unasked_and_a_missing_cluster_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert cluster_jobs(Kubernetes(), Announcer().plan, lambda: 0, Event()) == {}
    with pytest.raises(ConfigError, match="KUBERNETES_SERVICE_HOST"):
        cluster_jobs(Kubernetes(watch=True), Announcer().plan, lambda: 0, Event())
