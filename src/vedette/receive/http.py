"""OTLP/HTTP and JSON lines over HTTP.

A request is acknowledged only once every record of it is durable. Overload is 503 with
``Retry-After``, never 429: real clients drop data on 429.

References
----------
OTLP specification 1.11, sections on OTLP/HTTP (``Status`` bodies, partial success, limits).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import ceil
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from vedette.errors import Backpressure, BadInput, Oversize, Unauthorized
from vedette.receive.base import Decode, DecodeAlerts, Decoders, Intake
from vedette.receive.body import read_body
from vedette.receive.keys import Keys
from vedette.receive.repeats import Notification, Repeats
from vedette.receive.status import status, success
from vedette.records.batch import Decoded
from vedette.records.simulation import HEADER, checked_name
from vedette.telemetry import metrics

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"
SIGNALS: Final = ("logs", "traces", "metrics")

_logger = logging.getLogger(__name__)


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
    """Return the routes ``/v1/{logs,traces,metrics}``, ``/api/v1/ingest`` and, below it, other tools' alerts."""
    router = APIRouter()
    for signal in SIGNALS:
        router.add_api_route(f"/v1/{signal}", _otlp(door, signal), methods=["POST"], include_in_schema=False)
    router.add_api_route("/api/v1/ingest", _lines(door), methods=["POST"], include_in_schema=False)
    for tool, decode in door.decoders.alerts.items():
        router.add_api_route(
            f"/api/v1/ingest/{tool}", _alerts(door, tool, decode), methods=["POST"], include_in_schema=False
        )
    return router


Endpoint = Callable[[Request], Awaitable[Response]]


def _otlp(door: Door, signal: str) -> Endpoint:
    async def receive(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        as_json = kind == JSON
        if kind not in (PROTOBUF, JSON):
            return _refused(request, 415, f"content type: got {kind!r}, expected {PROTOBUF} or {JSON}", as_json=False)
        decode = (door.decoders.json if as_json else door.decoders.protobuf)[signal]
        taken = await _answered(_taken(door, request, decode, f"otlp/{signal}", always_digest=True), request, as_json)
        if isinstance(taken, Response):
            return taken
        return Response(success(signal, len(taken.dead), _reasons(taken), as_json=as_json), media_type=kind)

    return receive


def _lines(door: Door) -> Endpoint:
    async def receive(request: Request) -> Response:
        service = request.query_params.get("service", "")
        decode = door.decoders.lines(service)
        taken = await _answered(_taken(door, request, decode, "json-lines", always_digest=False), request, True)
        if isinstance(taken, Response):
            return taken
        return JSONResponse(_counted(taken))

    return receive


def _alerts(door: Door, tool: str, decode: DecodeAlerts) -> Endpoint:
    repeats = Repeats()

    async def receive(request: Request) -> Response:
        service, notification = request.query_params.get("service", ""), Notification(repeats)

        def read(data: bytes, observed: int) -> Decoded:
            return decode(data, observed, service, notification.is_new)

        taken = await _answered(_taken(door, request, read, tool, always_digest=True), request, True)
        if isinstance(taken, Response):
            return taken
        notification.take()
        return JSONResponse({**_counted(taken), "repeated": notification.repeated})

    return receive


def _counted(taken: Decoded) -> dict[str, object]:
    reasons = Counter(letter.reason for letter in taken.dead)
    return {"accepted": taken.accepted, "rejected": len(taken.dead), "reasons": dict(reasons)}


async def _answered(work: Awaitable[Decoded], request: Request, as_json: bool) -> Decoded | Response:
    """Return what was taken in, or the answer for what went wrong; a bug of ours is logged, and answered too."""
    try:
        return await work
    except BadInput as error:
        return _refused(request, _code(error), str(error), as_json=as_json)
    except Backpressure as error:
        return _busy(request, error, as_json=as_json)
    except ClientDisconnect:
        return _refused(request, 400, "the body ended early", as_json=as_json)
    except Exception:
        _logger.exception("%s failed", request.url.path)
        return _refused(request, 500, "internal error; the server's log has it", as_json=as_json)


async def _taken(door: Door, request: Request, decode: Decode, source: str, *, always_digest: bool) -> Decoded:
    """Read, decode and hand in a request; returns once it is durable."""
    site = request.headers.get("sec-fetch-site", "none")
    if site not in ("same-origin", "none"):
        raise Unauthorized("cross_site", detail=f"got Sec-Fetch-Site: {site}; another site's page can't send telemetry")
    name, authorization = request.headers.get(HEADER), request.headers.get("authorization", "")
    simulation = "" if name is None else checked_name(name)
    caller = door.keys.check(authorization, "ingest" if name is None else "simulate")
    body = await read_body(request.stream(), request.headers.get("content-encoding", ""), door.max_request)
    metrics.RECEIVED.add(len(body), request.url.path)
    decoded = replace(await asyncio.to_thread(decode, body, door.clock()), simulation=simulation)
    idempotency = request.headers.get("idempotency-key", "")
    named = always_digest or idempotency
    text = idempotency.encode() + b"\0" + request.url.path.encode() + b"\0" + caller.encode()
    digest = blake2b(body, digest_size=16, key=blake2b(text, digest_size=32).digest()).digest() if named else None
    future = await asyncio.to_thread(door.intake.accept, decoded, source, digest)
    await asyncio.shield(asyncio.wrap_future(future))  # a cancelled request must not cancel the journal's future
    return decoded


def _code(error: BadInput) -> int:
    if isinstance(error, Unauthorized):
        return 401 if error.reason == "wrong_key" else 403
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
