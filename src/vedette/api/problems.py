"""Errors as problem+json (RFC 9457): what failed, why, what to do, and the request's id."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from vedette.api.models import Problem
from vedette.errors import Backpressure, BadInput, Oversize, Unauthorized, VedetteError

MEDIA_TYPE: Final = "application/problem+json"

HINTS: Final[dict[int | str, str]] = {
    400: "correct the request; /api/v1/openapi.json describes it",
    401: "send a key: Authorization: Bearer …; 'vedette key create' makes one",
    403: "open the page at the address that 'vedette up' printed",
    404: "check the address; /api/v1/openapi.json lists what there is",
    405: "see /api/v1/openapi.json for the methods of this path",
    422: "correct the parameters named in the detail",
    429: "wait for the time in Retry-After",
    500: "a bug of ours: see the server's log for this request id, and 'vedette doctor'",
    502: "the detail says what the receiver answered; correct the channel in vedette.toml",
    503: "wait for the time in Retry-After; 'vedette doctor' shows what is slow",
    "missing_scope": "use a key that has the scope; 'vedette key create --scope …' makes one",
    "missing_header": "send the header X-Vedette-CSRF: 1, or a key instead of the cookie",
}
"""By status, or by code where that says more."""

FORBIDDEN: Final = frozenset({"missing_scope", "missing_header"})
"""Reasons for which a caller who is known is refused; signing in again would not help."""


def problem(
    request: Request, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the answer to a request that failed."""
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        hint=HINTS.get(code) or HINTS.get(status, ""),
        request_id=getattr(request.state, "request_id", ""),
    )
    return JSONResponse(body.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def install_problems(app: FastAPI) -> None:
    """Make every error of an application a problem."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).name.lower()
        return problem(request, error.status_code, code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(request, 422, "invalid_parameters", "; ".join(map(_complaint, error.errors())))

    @app.exception_handler(VedetteError)
    async def ours(request: Request, error: VedetteError) -> JSONResponse:
        return _of_error(request, error)


def _of_error(request: Request, error: VedetteError) -> JSONResponse:
    if isinstance(error, Backpressure):
        return problem(request, 503, error.reason, str(error), {"Retry-After": f"{max(1, round(error.retry_after))}"})
    if isinstance(error, BadInput):
        return problem(request, _blame(error), error.reason, str(error))
    return problem(request, 500, "internal", str(error))


def _blame(error: BadInput) -> int:
    if isinstance(error, Unauthorized):
        return 403 if error.reason in FORBIDDEN else 401
    return 413 if isinstance(error, Oversize) else 400


def _complaint(error: Mapping[str, object]) -> str:
    """Return one line of a validation error: where, what came, what is wanted."""
    place = error.get("loc", ())
    where = ".".join(str(part) for part in place) if isinstance(place, tuple) else str(place)
    return f"{where}: got {str(error.get('input'))[:100]!r}; {error.get('msg')}"
