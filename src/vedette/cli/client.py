"""Asks a running server; commands that only read also work on the data folder of one that is down."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from typing import Any, Final

import click

from vedette.errors import BadInput, Unauthorized, VedetteError

DEFAULT: Final = "http://127.0.0.1:4318"
DEADLINE: Final = 10.0


class Unreachable(VedetteError):
    """No server answers, or it is not healthy."""


class NotFound(VedetteError):
    """The server has nothing of that name."""


def server_options(command: Any) -> Any:
    """Add ``--url`` and ``--key`` to a command."""
    command = click.option("--key", envvar="VEDETTE_KEY", default="", help="API key with the scope read.")(command)
    return click.option(
        "--url", envvar="VEDETTE_URL", default=DEFAULT, show_default=True, help="Address of the server."
    )(command)


def get(url: str, path: str, key: str, **query: Any) -> Any:
    """Return the JSON answer of ``/api/v1/PATH``.

    Raises
    ------
    Unreachable, NotFound, Unauthorized, BadInput
        By whose fault it is.
    """
    body = get_bytes(url, path, key, **query)
    try:
        return json.loads(body)
    except ValueError as error:
        raise _stranger(url, error) from None


def send(url: str, method: str, path: str, key: str, body: Any = None, patience: float = DEADLINE) -> Any:
    """Send a change to ``/api/v1/PATH``; return the JSON answer, None for an empty one. Raises as `get` does.

    The answer is waited for for `patience` seconds.
    """
    answer = _asked(url, path, key, method, None if body is None else json.dumps(body).encode(), patience)
    try:
        return json.loads(answer) if answer else None
    except ValueError as error:
        raise _stranger(url, error) from None


def get_bytes(url: str, path: str, key: str, **query: Any) -> bytes:
    """Return the answer of ``/api/v1/PATH`` as it is; raises as `get` does."""
    words = {name: value for name, value in query.items() if value not in (None, ())}
    return _asked(url, f"{path}?{urllib.parse.urlencode(words, doseq=True)}", key, "GET")


def _asked(url: str, path: str, key: str, method: str, data: bytes | None = None, patience: float = DEADLINE) -> bytes:
    full = f"{url.rstrip('/')}/api/v1/{path}"
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    headers |= {"Content-Type": "application/json"} if data is not None else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(full, data=data, headers=headers, method=method)
        with opener.open(request, timeout=patience) as answer:
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as error:
        raise _problem(error) from None
    except (HTTPException, ValueError) as error:
        raise _stranger(url, error) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise Unreachable(
            f"no Vedette answers at {url} ({reason}); start one with 'vedette up', or give --url"
        ) from None


def _stranger(url: str, error: Exception) -> Unreachable:
    return Unreachable(f"what answers at {url} is no Vedette ({error}); give --url")


def _problem(error: urllib.error.HTTPError) -> VedetteError:
    try:
        said = json.load(error)
    except ValueError:
        said = None
    detail = said.get("detail", "") if isinstance(said, dict) else ""
    message = detail or f"the server answered {error.code}"
    if error.code in (401, 403):
        return Unauthorized("not allowed", detail=f"{message}; give --key or VEDETTE_KEY")
    if error.code == 404:
        return NotFound(message)
    return BadInput("refused", detail=message) if error.code < 500 else Unreachable(message)
