"""A cluster's workloads as context: what the watches see is announced as planned events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from vedette.config.schema import Kubernetes
from vedette.decode.workloads import Workloads
from vedette.errors import BadInput
from vedette.receive.kubeconfig import Cluster, reached
from vedette.receive.kubernetes import RESOURCES, Json, Watch
from vedette.records.context import PlannedEvent
from vedette.telemetry import metrics

TOOL = "kubernetes"

Announce = Callable[[Sequence[PlannedEvent]], object]

_logger = logging.getLogger(__name__)


class Announced:
    """Takes in the objects of a watch and announces what they change, durable when it returns.

    What is one event too many is counted and told in the log, and passed over: the watch must go on.
    """

    def __init__(self, name: str, announce: Announce, clock: Callable[[], int]) -> None:
        self._name = name
        self._announce = announce
        self._clock = clock
        self._workloads = Workloads()
        self._waiting: list[PlannedEvent] = []
        """What the journal did not take yet; the watch is asked again then."""

    def listed(self, objects: list[Json]) -> None:
        """Take in all objects."""
        self._say(self._workloads.listed(objects, self._clock()))

    def changed(self, kind: str, one: Json) -> None:
        """Take in an object that is otherwise, or gone."""
        change = self._workloads.removed if kind == "DELETED" else self._workloads.changed
        self._say(change(one, self._clock()))

    def _say(self, events: list[PlannedEvent]) -> None:
        metrics.KUBERNETES_BLIND.set(self._workloads.refused, self._name)
        self._waiting += events
        if not self._waiting:
            return
        outcome = "announced"
        try:
            self._announce(self._waiting)
        except BadInput as error:
            outcome = error.reason
            _logger.warning("%d changes of the cluster are not taken: %s", len(self._waiting), error)
        metrics.CHANGES.add(len(self._waiting), TOOL, outcome)
        self._waiting.clear()


def cluster_jobs(
    config: Kubernetes, announce: Announce, clock: Callable[[], int], stop: Event
) -> dict[str, Callable[[], Any]]:
    """Return what follows the cluster, by a name: a job for each resource and namespace; none unless asked for.

    Raises
    ------
    ConfigError
        Where the cluster can't be reached by what is configured.
    """
    if not config.watch:
        return {}
    cluster: Cluster = reached(config.kubeconfig)

    def following(name: str, resource: str, namespace: str) -> Callable[[], None]:
        watch = Watch(cluster, resource, namespace, Announced(name, announce, clock))
        return lambda: watch.run(stop)

    named = {
        f"kubernetes {resource} {namespace}".strip(): (resource, namespace)
        for resource in RESOURCES
        for namespace in config.namespaces or ("",)
    }
    return {name: following(name, *what) for name, what in named.items()}
