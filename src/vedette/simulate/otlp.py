"""Visits as OTLP spans, exactly as the shop's own instrumentation sends them; written by hand for speed."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np

from vedette.middleware.shape import json_shape
from vedette.records.wire import number, piece, text
from vedette.simulate.model import Visit

RESOURCE: Final = {"service.name": "shop", "deployment.environment.name": "demo"}
OTHER_SIZE: Final = 14
"""Bytes of an answer that no ordinary visit gets: ``internal error``."""

SCOPE: Final = "opentelemetry.instrumentation.flask"
IDS: Final = 24
"""Bytes of a trace's and a span's id."""

_TIMES: Final = struct.Struct("<BQBQ")
_SERVER: Final = 2
_ERROR: Final = 2


def spans(visits: Iterable[Visit], sizes: dict[str, int], seed: int, service: str = RESOURCE["service.name"]) -> bytes:
    """Return an ExportTraceServiceRequest of server spans.

    Parameters
    ----------
    visits
        In order of time.
    sizes
        Bytes of the answer by route and status (``"/login 401"``), as measured on the real shop.
    seed
        Of trace and span ids.
    service
        That sends them.
    """
    kept = list(visits)
    ids = np.random.default_rng(seed).bytes(IDS * len(kept))
    records = [piece(2, _span(visit, sizes, ids[IDS * n : IDS * n + IDS])) for n, visit in enumerate(kept)]
    scope = piece(1, text(1, SCOPE))
    names = RESOURCE | {"service.name": service}
    resource = piece(1, b"".join(piece(1, _pair(key, value)) for key, value in names.items()))
    return piece(1, resource + piece(2, scope + b"".join(records)))


def _span(visit: Visit, sizes: dict[str, int], ids: bytes) -> bytes:
    start = int(visit.time * 1e9)
    path, _, query = visit.path.partition("?")
    parts = [
        b"\x0a\x10",
        ids[:16],
        b"\x12\x08",
        ids[16:],
        _kind(visit.method, visit.route),
        _TIMES.pack(0x39, start, 0x41, start + int(visit.takes * 1e9)),
        _attribute("http.request.method", visit.method),
        _attribute("url.path", path),
        _attribute("client.address", visit.client),
        _whole("http.response.status_code", visit.status),
        _whole("http.response.body.size", sizes.get(f"{visit.route} {visit.status}", OTHER_SIZE)),
    ]
    if visit.route:
        parts.append(_attribute("http.route", visit.route))
    if query:
        parts.append(_attribute("url.query", query))
    if visit.user:
        parts.append(_attribute("user.id", visit.user))
    if visit.body is not None:
        parts.append(_body(visit.payload))
    if visit.status >= 500:
        parts.append(piece(15, number(3, _ERROR)))
    return b"".join(parts)


@lru_cache(maxsize=1 << 10)
def _kind(method: str, route: str) -> bytes:
    return text(5, f"{method} {route}" if route else method) + number(6, _SERVER)


@lru_cache(maxsize=1 << 13)
def _body(payload: bytes) -> bytes:
    """Return what is told of a JSON body: its structure and its bytes."""
    shape = json_shape(payload)
    return _attribute("vedette.request.shape", shape) + _whole("http.request.body.size", len(payload)) if shape else b""


@lru_cache(maxsize=1 << 14)
def _attribute(key: str, value: str) -> bytes:
    return piece(9, _pair(key, value))


def _pair(key: str, value: str) -> bytes:
    return text(1, key) + piece(2, text(1, value))


@lru_cache(maxsize=1 << 12)
def _whole(key: str, value: int) -> bytes:
    return piece(9, text(1, key) + piece(2, number(3, value)))
