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
    rng = np.random.default_rng(seed)
    records = [piece(2, _span(visit, sizes, rng.bytes(24))) for visit in visits]
    scope = piece(1, text(1, SCOPE))
    names = RESOURCE | {"service.name": service}
    resource = piece(1, b"".join(piece(1, _pair(key, value)) for key, value in names.items()))
    return piece(1, resource + piece(2, scope + b"".join(records)))


def _span(visit: Visit, sizes: dict[str, int], ids: bytes) -> bytes:
    start = int(visit.time * 1e9)
    shape = json_shape(visit.payload) if visit.body is not None else ""
    parts = [
        piece(1, ids[:16]),
        piece(2, ids[16:]),
        text(5, f"{visit.method} {visit.route}" if visit.route else visit.method),
        number(6, _SERVER),
        b"\x39" + struct.pack("<Q", start),
        b"\x41" + struct.pack("<Q", start + int(visit.takes * 1e9)),
        _attribute("http.request.method", visit.method),
        _attribute("url.path", visit.path.partition("?")[0]),
        _attribute("client.address", visit.client),
        _whole("http.response.status_code", visit.status),
        _whole("http.response.body.size", sizes.get(f"{visit.route} {visit.status}", OTHER_SIZE)),
    ]
    if visit.route:
        parts.append(_attribute("http.route", visit.route))
    query = visit.path.partition("?")[2]
    optional = {"url.query": query, "user.id": visit.user, "vedette.request.shape": shape}
    parts += [_attribute(name, value) for name, value in optional.items() if value]
    if shape:
        parts.append(_whole("http.request.body.size", len(visit.payload)))
    if visit.status >= 500:
        parts.append(piece(15, number(3, _ERROR)))
    return b"".join(parts)


@lru_cache(maxsize=1 << 14)
def _attribute(key: str, value: str) -> bytes:
    return piece(9, _pair(key, value))


def _pair(key: str, value: str) -> bytes:
    return text(1, key) + piece(2, text(1, value))


@lru_cache(maxsize=1 << 12)
def _whole(key: str, value: int) -> bytes:
    return piece(9, text(1, key) + piece(2, number(3, value)))
