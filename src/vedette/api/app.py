"""The server's HTTP side on one port: ingest, API, probes and page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Mount
from starlette.types import ASGIApp, Lifespan

from vedette import __version__
from vedette.api import context, coverage, health, incidents, notify, rules, stream, watch
from vedette.api.headers import Guard
from vedette.api.hooks import hook_routes
from vedette.api.hosts import check_host
from vedette.api.models import Problem
from vedette.api.problems import MEDIA_TYPE, install_problems
from vedette.api.reader import Reader

PREFIX: Final = "/api/v1"

SILENT: Final[TelemetryConfig] = {
    "auto_configure": False,
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
}
"""FastAPI's own telemetry stays off: an exporter named in our environment would send us our own requests."""

_PROBLEM: dict[str, Any] = {
    "model": Problem,
    "description": "What went wrong",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def build_app(
    reader: Reader,
    *,
    ingest: APIRouter | None = None,
    auth: Callable[..., Any] | None = None,
    session: APIRouter | None = None,
    admit: Callable[[Request], None] | None = None,
    page: ASGIApp | None = None,
    lifespan: Lifespan[FastAPI] | None = None,
    hosts: Iterable[str] = (),
    hook_secret: str = "",
    tick_seconds: float = 1.0,
) -> FastAPI:
    """Wire the application.

    Parameters
    ----------
    reader
        The product; see `Reader` for its duties.
    ingest
        Routes that take telemetry, included as they are.
    auth
        Dependency that guards ``/api/v1`` and ``/metrics``; raises `Unauthorized` or `HTTPException`.
    session
        Routes by which one signs in, below ``/api/v1``; open to everybody.
    admit
        Asked at each tick of a stream whether it may go on; raises `Unauthorized` when it may not.
    page
        Answers what no route does, see `vedette.ui.page`.
    lifespan
        Starts and stops what lives as long as the server.
    hosts
        Names under which browsers may use the API, besides addresses and private names.
    hook_secret
        By which tools sign their webhooks that can't send a key, see `vedette.api.hooks`.
    tick_seconds
        Between two ``tick`` events of the stream.
    """
    app = FastAPI(
        title="Vedette",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        telemetry=SILENT,
    )
    app.state.reader = reader
    app.state.hosts = frozenset(hosts)
    app.state.pulse = stream.Pulse(tick_seconds)
    app.state.admit = admit
    keys = [Depends(auth)] if auth else []
    answers: dict[int | str, dict[str, Any]] = {422: _PROBLEM, "default": _PROBLEM}
    for room in (watch, incidents, context, coverage, rules, notify, stream):
        app.include_router(room.router, prefix=PREFIX, dependencies=[Depends(check_host), *keys], responses=answers)
    guarded = [Depends(check_host), *keys]
    app.include_router(context.alertmanager, prefix="/api/v2", dependencies=guarded, responses=answers)
    app.include_router(hook_routes(hook_secret, auth), prefix=PREFIX)
    if session is not None:
        app.include_router(session, prefix=PREFIX, dependencies=[Depends(check_host)], responses=answers)
    app.include_router(health.metered, dependencies=keys)
    app.include_router(health.probes)
    if ingest is not None:
        app.include_router(ingest)
    if page is not None:
        app.router.routes.append(Mount("", page))
    install_problems(app)
    app.add_middleware(Guard)
    return app
