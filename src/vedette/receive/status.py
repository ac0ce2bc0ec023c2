"""The few protobuf messages of OTLP's answers, written by hand: ``Status`` and partial success."""

from __future__ import annotations

import json
from typing import Final

from vedette.records.wire import number, piece, text

CODES: Final = {400: 3, 401: 16, 403: 7, 413: 8, 415: 3, 500: 13, 503: 14}
"""HTTP status to gRPC code: invalid argument, unauthenticated, permission denied, exhausted, internal, unavailable."""

REJECTED: Final = {"logs": "rejectedLogRecords", "traces": "rejectedSpans", "metrics": "rejectedDataPoints"}


def status(code: int, message: str, *, as_json: bool) -> bytes:
    """Return a ``google.rpc.Status`` for an HTTP error."""
    if as_json:
        return json.dumps({"code": CODES[code], "message": message}).encode()
    return number(1, CODES[code]) + text(2, message)


def success(signal: str, rejected: int, message: str, *, as_json: bool) -> bytes:
    """Return an Export…ServiceResponse; partial success is set only where something was rejected."""
    if not rejected:
        return b"{}" if as_json else b""
    if as_json:
        return json.dumps({"partialSuccess": {REJECTED[signal]: str(rejected), "errorMessage": message}}).encode()
    return piece(1, number(1, rejected) + text(2, message))
