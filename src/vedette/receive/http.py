"""OTLP/HTTP and JSON lines over HTTP.

A request is acknowledged only once every record of it is durable. Overload is 503 with
``Retry-After``, never 429: real clients drop data on 429.

References
----------
OTLP specification 1.11, sections on OTLP/HTTP (``Status`` bodies, partial success, limits).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from vedette.errors import Backpressure, BadInput, Oversize, Unauthorized
from vedette.receive.base import Decode, Decoders, Intake
from vedette.receive.body import read_body
from vedette.receive.keys import Keys
from vedette.receive.status import status, success
from vedette.records.batch import Decoded
from vedette.telemetry import metrics

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"
SIGNALS: Final = ("logs", "traces", "metrics")


@dataclass(frozen=True, slots=True)
class Door:
    """What a receiver needs: where to hand things in, who may, how large, and what time it is."""

    intake: Intake
    keys: Keys
    decoders: Decoders
    max_request: int
    clock: Callable[[], int]
    """Returns the time of arrival, ns since the epoch."""


def ingest_routes(door: Door) -> APIRouter:
    """Return the routes ``/v1/{logs,traces,metrics}`` and ``/api/v1/ingest``."""
    router = APIRouter()
    for signal in SIGNALS:
        router.add_api_route(f"/v1/{signal}", _otlp(door, signal), methods=["POST"], include_in_schema=False)
    router.add_api_route("/api/v1/ingest", _lines(door), methods=["POST"], include_in_schema=False)
    return router


Endpoint = Callable[[Request], Awaitable[Response]]


def _otlp(door: Door, signal: str) -> Endpoint:
    async def receive(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        as_json = kind == JSON
        if kind not in (PROTOBUF, JSON):
            return _refused(request, 415, f"content type: got {kind!r}, expected {PROTOBUF} or {JSON}", as_json=False)
        decode = (door.decoders.json if as_json else door.decoders.protobuf)[signal]
        try:
            decoded = await _taken(door, request, decode, f"otlp/{signal}", always_digest=True)
        except BadInput as error:
            return _refused(request, _code(error), str(error), as_json=as_json)
        except Backpressure as error:
            return _busy(request, error, as_json=as_json)
        body = success(signal, len(decoded.dead), _reasons(decoded), as_json=as_json)
        return Response(body, media_type=kind)

    return receive


def _lines(door: Door) -> Endpoint:
    async def receive(request: Request) -> Response:
        service = request.query_params.get("service", "")
        try:
            decoded = await _taken(door, request, door.decoders.lines(service), "json-lines", always_digest=False)
        except BadInput as error:
            return _refused(request, _code(error), str(error), as_json=True)
        except Backpressure as error:
            return _busy(request, error, as_json=True)
        reasons = Counter(letter.reason for letter in decoded.dead)
        return JSONResponse({"accepted": decoded.accepted, "rejected": len(decoded.dead), "reasons": dict(reasons)})

    return receive


async def _taken(door: Door, request: Request, decode: Decode, source: str, *, always_digest: bool) -> Decoded:
    """Read, decode and hand in a request; returns once it is durable."""
    caller = door.keys.check(request.headers.get("authorization", ""), "ingest")
    body = await read_body(request.stream(), request.headers.get("content-encoding", ""), door.max_request)
    metrics.RECEIVED.add(len(body), request.url.path)
    decoded = await asyncio.to_thread(decode, body, door.clock())
    idempotency = request.headers.get("idempotency-key", "")
    named = always_digest or idempotency
    text = idempotency.encode() + b"\0" + request.url.path.encode() + b"\0" + caller.encode()
    digest = blake2b(body, digest_size=16, key=blake2b(text, digest_size=32).digest()).digest() if named else None
    future = await asyncio.to_thread(door.intake.accept, decoded, source, digest)
    await asyncio.wrap_future(future)
    return decoded


def _code(error: BadInput) -> int:
    if isinstance(error, Unauthorized):
        return 403 if error.reason == "missing_scope" else 401
    if isinstance(error, Oversize):
        return 413
    return 415 if error.reason == "unsupported_encoding" else 400


def _refused(request: Request, code: int, message: str, *, as_json: bool) -> Response:
    metrics.REQUESTS.add(1, request.url.path, str(code))
    headers = {"WWW-Authenticate": 'Bearer realm="vedette"'} if code == 401 else {}
    return Response(status(code, message, as_json=as_json), code, headers, JSON if as_json else PROTOBUF)


def _busy(request: Request, error: Backpressure, *, as_json: bool) -> Response:
    metrics.REQUESTS.add(1, request.url.path, "503")
    headers = {"Retry-After": str(max(1, ceil(error.retry_after)))}
    return Response(status(503, str(error), as_json=as_json), 503, headers, JSON if as_json else PROTOBUF)


def _reasons(decoded: Decoded) -> str:
    counts = Counter(letter.reason for letter in decoded.dead)
    return ", ".join(f"{count} {reason}" for reason, count in counts.most_common(5))
