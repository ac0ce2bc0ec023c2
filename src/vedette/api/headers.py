"""The outermost layer: security headers and a request id on every response, and a 500 that has both."""

from __future__ import annotations

import logging
import re
from secrets import token_hex
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vedette.api.problems import problem

log = logging.getLogger(__name__)

# Log content is the attacker's: nothing but our own files may run, and text can't become markup.
# Svelte names its policy `svelte-trusted-html`; `vedette` is ours, for the address of the worker.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types svelte-trusted-html vedette",
    )
)

HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)

_GIVEN_ID = re.compile(rb"[\w.-]{1,64}")


class Guard:
    """Wraps an application.

    Notes
    -----
    A request id that the caller sends in ``X-Request-ID`` is kept if it is a plain word. An
    exception that nobody handled is logged with the id; it becomes a 500, or ends the response if
    that has begun.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        extra = [*HEADERS, (b"x-request-id", request_id.encode())]
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": [*message.get("headers", ()), *extra]}
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception:
            log.exception("request %s failed: %s %s", request_id, scope["method"], scope["path"])
            if begun:
                raise
            answer = problem(Request(scope), 500, "internal", "the server failed to answer")
            await answer(scope, receive, guarded)


def _request_id(scope: Scope) -> str:
    given: bytes = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if _GIVEN_ID.fullmatch(given) else token_hex(8)
