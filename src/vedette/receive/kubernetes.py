"""Follows a cluster's workloads: lists them, then watches what changes. Reads only.

References
----------
Kubernetes, "API Concepts": efficient detection of changes, watch bookmarks, ``410 Gone``, retrieving large results in
chunks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any, Final, Protocol

import httpx
import orjson

from vedette.errors import Backpressure, BadInput
from vedette.receive.kubeconfig import Cluster
from vedette.telemetry import metrics

RESOURCES: Final = {
    "deployments": "apps/v1",
    "statefulsets": "apps/v1",
    "horizontalpodautoscalers": "autoscaling/v2",
}
"""What is watched, and its group and version."""

PAGE: Final = 500
"""Objects of a page of a list."""

LASTS: Final = 5
"""Seconds of one watch, after which it is asked for again where it ended: a stop must not wait for longer."""

TIMEOUT: Final = 30.0
"""Seconds that the API may take to begin, or to go on with, an answer."""

FIRST, LONGEST = 1.0, 60.0
"""Seconds of the first wait after a failure; each further one in a row doubles it, up to the longest."""

LARGEST: Final = 8 << 20
"""Bytes of one event: etcd keeps no object above 1.5 MiB."""

_logger = logging.getLogger(__name__)

Json = Mapping[str, Any]


class Gone(Exception):
    """The API does not know any longer what came after the version that was asked for."""


class Take(Protocol):
    """What a watch hands objects to; it may raise `BadInput` or `Backpressure`, and is asked again then."""

    def listed(self, objects: list[Json]) -> None:
        """Take in all objects."""

    def changed(self, kind: str, one: Json) -> None:
        """Take in an object that is ``ADDED``, ``MODIFIED`` or ``DELETED``."""


class Watch:
    """A watch of one resource, in one namespace or all.

    Parameters
    ----------
    resource
        One of `RESOURCES`.
    namespace
        Empty for all.
    """

    def __init__(self, cluster: Cluster, resource: str, namespace: str, take: Take) -> None:
        place = f"namespaces/{namespace}/{resource}" if namespace else resource
        self.resource = resource
        self._url = f"{cluster.url}/apis/{RESOURCES[resource]}/{place}"
        self._cluster = cluster
        self._take = take
        self._version = ""

    def run(self, stop: Event, wait: Callable[[float], object] | None = None) -> None:
        """Follow until `stop` is set. Blocks; what fails is tried again, after a while."""
        pause = FIRST
        with httpx.Client(verify=self._cluster.context, timeout=TIMEOUT, trust_env=False) as client:
            while not stop.is_set():
                try:
                    self.step(client)
                    pause = FIRST
                except Gone:
                    metrics.KUBERNETES_FAILED.add(1, self.resource, "gone")
                    self._version = ""
                except (httpx.HTTPError, OSError, BadInput, Backpressure) as error:
                    reason = error.reason if isinstance(error, BadInput | Backpressure) else type(error).__name__
                    metrics.KUBERNETES_FAILED.add(1, self.resource, reason)
                    _logger.warning("watching %s: %s; again in %.0f s", self.resource, error, pause)
                    (wait or stop.wait)(pause)
                    pause = min(2.0 * pause, LONGEST)

    def step(self, client: httpx.Client) -> None:
        """List, if it is not known where to go on, or watch for `LASTS`."""
        if self._version:
            self._watch(client)
        else:
            self._list(client)

    def _list(self, client: httpx.Client) -> None:
        found: list[Json] = []
        more, version = "", ""
        while True:
            asked = {"limit": str(PAGE), **({"continue": more} if more else {})}
            answer = client.get(self._url, params=asked, headers=self._cluster.authorization())
            page = _checked(answer.status_code, answer.content)
            items = page.get("items")
            found += [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
            about = page.get("metadata")
            about = about if isinstance(about, dict) else {}
            more, version = str(about.get("continue") or ""), str(about.get("resourceVersion") or "")
            if not more:
                break
        self._take.listed(found)
        self._version = version

    def _watch(self, client: httpx.Client) -> None:
        asked = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(LASTS),
        }
        with client.stream("GET", self._url, params=asked, headers=self._cluster.authorization()) as answer:
            if answer.status_code != httpx.codes.OK:
                _checked(answer.status_code, answer.read())
            for line in lines(answer.iter_bytes()):
                self._heed(_json(line))

    def _heed(self, event: Json) -> None:
        kind, one = event.get("type"), event.get("object")
        if not isinstance(one, dict):
            raise BadInput("no_watch_event", detail=f"got {str(event)[:60]!r}, expected type and object")
        if kind == "ERROR":
            _checked(int(one.get("code") or 500), orjson.dumps(one))
        if kind in ("ADDED", "MODIFIED", "DELETED"):
            self._take.changed(str(kind), one)
        about = one.get("metadata")
        version = about.get("resourceVersion") if isinstance(about, dict) else None
        self._version = str(version or self._version)


def lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield whole lines, however the stream is cut; the rest of a stream that broke off is none.

    Raises `BadInput` for a line above `LARGEST`.
    """
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
        if len(held) > LARGEST:
            raise BadInput("line_too_long", detail=f"more than {LARGEST} bytes without an end")


def _checked(status: int, body: bytes) -> Json:
    """Return an answer's document. Raises `Gone` for 410, `BadInput` for what is no success."""
    if status == httpx.codes.GONE:
        raise Gone
    document = _json(body)
    if status != httpx.codes.OK:
        raise BadInput(f"http_{status}", detail=str(document.get("message", ""))[:200])
    return document


def _json(data: bytes) -> Json:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput("invalid_json", detail=str(error)) from None
    if not isinstance(found, dict):
        raise BadInput("invalid_json", detail="expected an object")
    return found
