"""``POST /api/v1/context/TOOL``: webhooks of feature-flag and delivery tools, taken as planned events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Any, Final

from fastapi import APIRouter, Request

from vedette.api.hosts import check_host, check_site
from vedette.api.reader import Document, Reader
from vedette.decode.changes import TOOLS, Asked, changes_of
from vedette.engine.clock import now
from vedette.errors import BadInput, Unauthorized
from vedette.receive.body import read_body
from vedette.records.context import CHANGES, EventKind
from vedette.telemetry import metrics

MOST_BYTES: Final = 1 << 20
"""Of a document: GitHub's are 25 MB at most, and those of deployments a few KB."""

SIGNATURES: Final = {
    "github": "x-hub-signature-256",
    "launchdarkly": "x-ld-signature",
    "flagsmith": "x-flagsmith-signature",
}
"""Headers with the HMAC-SHA256 of the body in hex, GitHub's after ``sha256=``."""

TOKENS: Final = {"gitlab": "x-gitlab-token"}
"""Headers with the secret itself."""


def hook_routes(secret: str, auth: Callable[..., Any] | None) -> APIRouter:
    """Return the routes.

    Parameters
    ----------
    secret
        By which tools sign that can't send a key; empty for none: then all need a key of the scope ``respond``.
    auth
        Asked of a request that is not signed; raises `Unauthorized`.
    """
    router = APIRouter()
    for tool in TOOLS:
        router.add_api_route(f"/context/{tool}", _hook(tool, secret, auth), methods=["POST"], include_in_schema=False)
    return router


def _hook(tool: str, secret: str, auth: Callable[..., Any] | None) -> Callable[[Request], Awaitable[Document]]:
    async def announce(request: Request) -> Document:
        try:
            return await _announced(tool, secret, auth, request)
        except BadInput as error:
            metrics.CHANGES.add(1, tool, error.reason)
            raise

    return announce


async def _announced(tool: str, secret: str, auth: Callable[..., Any] | None, request: Request) -> Document:
    await check_site(request)
    body = await read_body(request.stream(), request.headers.get("content-encoding", ""), MOST_BYTES)
    if not signed(tool, body, request.headers, secret):
        await check_host(request)
        if auth is not None:
            await asyncio.to_thread(auth, request)
    events = changes_of(tool, body, dict(request.headers), now(), _asked(request))
    if not events:
        metrics.CHANGES.add(1, tool, "ignored")
        return {"items": [], "explains": []}
    reader: Reader = request.app.state.reader
    rows = [
        {
            "id": one.id,
            "kind": one.kind.value,
            "title": one.title,
            "start": one.start,
            "end": one.end,
            "segments": list(one.segments),
            "lift": None,
        }
        for one in events
    ]
    said = await asyncio.to_thread(reader.plan, rows)
    metrics.CHANGES.add(len(events), tool, "announced")
    return said


def signed(tool: str, body: bytes, headers: Any, secret: str) -> bool:
    """Say whether a document proves that its sender knows the secret; False where it does not try.

    Raises
    ------
    Unauthorized
        For a proof that is wrong, and for one without a secret here that it could be held against.
    """
    header = SIGNATURES.get(tool) or TOKENS.get(tool, "")
    proof = headers.get(header, "") if header else ""
    if not proof:
        return False
    if not secret:
        raise Unauthorized("wrong_key", detail=f"got {header}, and server.webhook_secret is not set")
    expected = secret if tool in TOKENS else hmac(secret.encode(), body, sha256).hexdigest()
    if not compare_digest(proof.removeprefix("sha256=").encode(), expected.encode()):
        raise Unauthorized("wrong_key", detail=f"{header} does not fit the body and server.webhook_secret")
    return True


def _asked(request: Request) -> Asked:
    query = request.query_params
    kind = query.get("kind", EventKind.DEPLOY.value)
    if kind not in CHANGES:
        raise BadInput("bad_kind", detail=f"got {kind[:60]!r}, expected {', '.join(sorted(CHANGES))}")
    return Asked(tuple(query.getlist("service")), tuple(query.getlist("environment")), EventKind(kind))
