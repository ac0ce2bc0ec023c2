"""Signing in to the page with a key: a cookie that scripts can't read, for as long as the key is good."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil
from secrets import token_urlsafe
from threading import Lock
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel

from vedette.api.hosts import check_site
from vedette.errors import Unauthorized

COOKIE: Final = "vedette_session"
GUARD: Final = "x-vedette-csrf"
"""A header that pages of other sites can't set; what changes something by cookie must carry it."""

READS: Final = ("GET", "HEAD")
"""Methods that change nothing."""

LASTS: Final = 12 * 3600.0
"""Seconds after which one signs in again: a working day."""

MOST: Final = 1000
TRIES: Final = 10
WITHIN: Final = 60.0
"""Wrong keys, from anybody, that are answered within so many seconds; a key has 256 bits, so this only saves CPU."""


@dataclass(slots=True)
class Sessions:
    """Who is signed in, in this process only. Thread-safe.

    Parameters
    ----------
    identify
        Returns the id of a key, ``""`` where there was never one; raises `Unauthorized` for one that is not
        known or may not read. Called by one thread at a time.
    permit
        Raises `Unauthorized` unless the key of an id, not revoked, has a scope.
    clock
        Seconds that never go back.
    """

    identify: Callable[[str], str]
    permit: Callable[[str, str], None]
    clock: Callable[[], float] = time.monotonic
    _open: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)
    """Id of the key and end of the session, by the token's hash."""
    _wrong: deque[float] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, key: str) -> str:
        """Return the token of a new session.

        Raises
        ------
        Unauthorized
            For a wrong key, and where there is none to sign in with: everybody is let in there.
        HTTPException
            429, after too many wrong keys.
        """
        moment = self.clock()
        with self._lock:
            while self._wrong and self._wrong[0] <= moment - WITHIN:
                self._wrong.popleft()
            if len(self._wrong) >= TRIES:
                wait = ceil(self._wrong[0] + WITHIN - moment)
                detail = f"{TRIES} wrong keys within a minute; wait {wait} s"
                raise HTTPException(429, detail, {"Retry-After": str(wait)})
            try:
                identity = self.identify(key)
            except Unauthorized:
                self._wrong.append(moment)
                raise
            if not identity:
                raise Unauthorized("wrong_key", detail="there is no key here yet: vedette key create --scope read")
            token = token_urlsafe(32)
            self._open[_digest(token)] = identity, moment + LASTS
            while len(self._open) > MOST:
                self._open.popitem(last=False)
        return token

    def end(self, token: str) -> None:
        """Sign out."""
        with self._lock:
            self._open.pop(_digest(token), None)

    def holds(self, request: Request, scope: str) -> bool:
        """Say whether a request comes from somebody who is signed in.

        Raises
        ------
        Unauthorized
            Where the key was revoked or lacks the scope, and for a change without the `GUARD` header.
        """
        token = request.cookies.get(COOKIE, "")
        with self._lock:
            identity, until = self._open.get(_digest(token), ("", 0.0))
        if not token or until <= self.clock():
            return False
        require_guard(request)
        self.permit(identity, scope)
        return True


def require_guard(request: Request) -> None:
    """Refuse a change by cookie that another site's page may have asked for: it can't set the header."""
    if request.method not in READS and GUARD not in request.headers:
        raise Unauthorized("missing_header", detail=f"a change by cookie needs the header {GUARD}")


class Credentials(BaseModel):
    """What one signs in with."""

    key: str


def let_in(sessions: Sessions, check: Callable[[str, str], object]) -> Callable[[Request], None]:
    """Return what raises `Unauthorized` unless a request has a key, or comes from somebody who is signed in.

    Parameters
    ----------
    check
        Raises `Unauthorized` for an ``Authorization`` header without a key of a scope: ``read``, and ``respond``
        for what changes something. A header counts alone, whatever the cookie is.
    """

    def may(request: Request) -> None:
        scope = "read" if request.method in READS else "respond"
        authorization = request.headers.get("authorization", "")
        if authorization or not sessions.holds(request, scope):
            check(authorization, scope)

    return may


def session_routes(sessions: Sessions) -> APIRouter:
    """Return ``POST`` and ``DELETE /session``."""
    router = APIRouter(tags=["session"], dependencies=[Depends(check_site)])

    @router.post("/session", status_code=204)
    def sign_in(credentials: Credentials, request: Request, response: Response) -> None:
        """Sign in with a key that may read; sets the session's cookie."""
        token = sessions.begin(credentials.key.strip())
        safe = request.url.scheme == "https"
        response.set_cookie(COOKIE, token, max_age=int(LASTS), httponly=True, samesite="strict", secure=safe)

    @router.delete("/session", status_code=204)
    def sign_out(request: Request, response: Response) -> None:
        """Sign out."""
        require_guard(request)
        sessions.end(request.cookies.get(COOKIE, ""))
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")

    return router


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
