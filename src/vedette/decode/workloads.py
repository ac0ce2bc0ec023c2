"""What changes in a cluster's workloads, as planned events: images and templates are deploys, replicas are scalings.

References
----------
Kubernetes API, ``apps/v1`` Deployment and StatefulSet, ``autoscaling/v2`` HorizontalPodAutoscaler. OpenTelemetry,
Semantic conventions for Kubernetes: ``resource.opentelemetry.io/service.name`` names a pod's service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import orjson

from vedette.decode.objects import Json, object_at
from vedette.records.context import EventKind, PlannedEvent

NAMED: Final = "resource.opentelemetry.io/service.name"
"""Annotation that says a service's name; labels come after it, and the workload's own name last."""
LABELS: Final = ("app.kubernetes.io/name", "app")

MOST: Final = 20_000
"""Workloads that are known, 300 bytes each; of more, further ones are not watched, and counted."""

LONGEST: Final = 200
"""Characters of a title; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What is kept of one object: all that a change of it may be told from."""

    service: str
    label: str
    """``namespace/name``."""
    replicas: str
    """Of a workload their wanted number, of an autoscaler their range; empty where others decide."""
    images: tuple[str, ...]
    template: bytes
    """Digest of the pods' template."""


class Workloads:
    """The workloads of one kind, and what changed about them.

    Notes
    -----
    What was there when the watch began changes nothing. After a gap the list is held against what was known, so that a
    change in between is told when it is seen. **It fails** for a change that was taken back within the gap.
    """

    def __init__(self) -> None:
        self._known: dict[str, Workload] = {}
        self._listed = False
        self.refused = 0
        """Objects that were not taken in, as `MOST` were known."""

    def listed(self, objects: list[Json], arrived: int) -> list[PlannedEvent]:
        """Take in the whole list as of now (ns); returns what changed since the list before, nothing for the first."""
        seen = {_uid(one) for one in objects}
        gone = [uid for uid in self._known if uid not in seen]
        events = [event for uid in gone for event in self._gone(uid, arrived)]
        events += [event for one in objects for event in self.changed(one, arrived)]
        self._listed = True
        return events

    def changed(self, one: Json, arrived: int) -> list[PlannedEvent]:
        """Take in an object that is new or otherwise; returns what that changes."""
        uid, now = _uid(one), _workload(one)
        before = self._known.get(uid)
        if before is None and len(self._known) >= MOST:
            self.refused += 1
            return []
        self._known[uid] = now
        if before is None:
            what = f"{now.label} is new{_with(now.images)}"
            return [_event(uid, EventKind.DEPLOY, what, now, arrived)] if self._listed and now.images else []
        return [*_deployed(uid, before, now, arrived), *_scaled(uid, before, now, arrived)]

    def removed(self, one: Json, arrived: int) -> list[PlannedEvent]:
        """Take in that an object is gone."""
        return self._gone(_uid(one), arrived)

    def _gone(self, uid: str, arrived: int) -> list[PlannedEvent]:
        before = self._known.pop(uid, None)
        if before is None or not before.images:
            return []
        return [_event(uid, EventKind.DEPLOY, f"{before.label} is removed", before, arrived)]


def _deployed(uid: str, before: Workload, now: Workload, arrived: int) -> list[PlannedEvent]:
    if now.images != before.images:
        new = [one for one in now.images if one not in before.images]
        return [_event(uid, EventKind.DEPLOY, f"{now.label}{_with(new) or ' runs less'}", now, arrived)]
    if now.template != before.template:
        return [_event(uid, EventKind.DEPLOY, f"{now.label} is rolled out anew", now, arrived)]
    return []


def _scaled(uid: str, before: Workload, now: Workload, arrived: int) -> list[PlannedEvent]:
    if not before.replicas or not now.replicas or before.replicas == now.replicas:
        return []
    what = f"{now.label} from {before.replicas} to {now.replicas} replicas"
    return [_event(uid, EventKind.SCALING, what, now, arrived)]


def _event(uid: str, kind: EventKind, title: str, of: Workload, arrived: int) -> PlannedEvent:
    """Return an event; the latest scaling of a workload replaces the one before, as an autoscaler makes hundreds."""
    moment = "" if kind is EventKind.SCALING else f"\0{arrived}"
    name = blake2b(f"{uid}\0{kind.value}{moment}".encode(), digest_size=8).hexdigest()
    return PlannedEvent(f"kubernetes:{name}", kind, title[:LONGEST], arrived, arrived, (of.service,))


def _with(images: tuple[str, ...] | list[str]) -> str:
    """Say images without their registry.

    >>> _with(["registry.example/team/shop:2.4.0"])
    ' with shop:2.4.0'
    """
    return f" with {', '.join(one.rpartition('/')[2][:60] for one in images)}" if images else ""


def _workload(one: Json) -> Workload:
    about, spec = object_at(one, "metadata"), object_at(one, "spec")
    template, target = object_at(spec, "template"), object_at(spec, "scaleTargetRef")
    label = f"{about.get('namespace', '')}/{about.get('name', '')}"
    containers = object_at(template, "spec").get("containers")
    images = tuple(str(container.get("image", "")) for container in containers or () if isinstance(container, Mapping))
    if target:
        replicas = f"{spec.get('minReplicas', 1)}–{spec.get('maxReplicas', '')}"
    else:
        replicas = str(spec.get("replicas", ""))
    digest = blake2b(orjson.dumps(template, option=orjson.OPT_SORT_KEYS), digest_size=8).digest()
    return Workload(str(target.get("name", "")) or _service(about, template), label, replicas, images, digest)


def _service(about: Json, template: Json) -> str:
    pods = object_at(template, "metadata")
    labels = {**object_at(about, "labels"), **object_at(pods, "labels")}
    said = [object_at(pods, "annotations").get(NAMED), *(labels.get(name) for name in LABELS), about.get("name")]
    return next(str(one) for one in (*said, "") if one is not None)


def _uid(one: Json) -> str:
    return str(object_at(one, "metadata").get("uid", ""))
