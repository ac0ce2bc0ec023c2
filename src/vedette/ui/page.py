"""Serves the page: files by name, ``index.html`` for every other path without a dot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from vedette.ui.assets import Asset, built_page

INDEX: Final = "index.html"

MACHINES: Final = ("api/", "v1/", "-/", "prometheus/", "loki/", "services/", "_bulk", "metrics")
"""Beginnings of paths that programs ask for: they get an error, never the page."""

NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Vedette</title></head>
<body>
<main>
<h1>Vedette is running; its page is not built</h1>
<p>Install Node.js 20 or newer, run <code>make page</code>, and start Vedette again.</p>
<p>The API works: see <a href="/api/v1/status">status</a>, <a href="/api/v1/incidents">incidents</a> and
<a href="/api/v1/openapi.json">what else there is</a>. So does the command line: <code>vedette incidents</code>.</p>
</main>
</body>
</html>
"""


def page_app(assets: Mapping[str, Asset] | None = None) -> ASGIApp:
    """Return the application that serves the page; `assets` defaults to the build in the package."""
    found = built_page() if assets is None else assets

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        await _answer(Request(scope), found)(scope, receive, send)

    return serve


def _answer(request: Request, assets: Mapping[str, Asset]) -> Response:
    path = request.url.path.lstrip("/")
    if path.startswith(MACHINES):
        raise HTTPException(404, f"there is no {request.method} /{path}")
    if request.method not in ("GET", "HEAD"):
        raise HTTPException(405, f"/{path} can only be read", {"Allow": "GET, HEAD"})
    if not assets:
        return HTMLResponse(NOT_BUILT)
    asset = assets.get(path) or (None if "." in path.rpartition("/")[2] else assets[INDEX])
    if asset is None:
        raise HTTPException(404, f"the page has no file {path[:200]!r}")
    return _file(request, asset)


def _file(request: Request, asset: Asset) -> Response:
    headers = {
        "ETag": asset.etag,
        "Vary": "Accept-Encoding",
        "Cache-Control": "public, max-age=31536000, immutable" if asset.is_fixed else "no-cache",
    }
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    body = asset.body
    if "gzip" in request.headers.get("accept-encoding", "") and len(asset.gzipped) < len(body):
        body = asset.gzipped
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=asset.media_type)
