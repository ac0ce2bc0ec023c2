"""Values as people write them: ``60s``, ``64MiB``, ``127.0.0.1:4318``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

_TIME: Final = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_SIZE: Final = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1000, "MB": 10**6, "GB": 10**9}
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def duration(value: Any) -> float:
    """Return seconds of ``"90s"``, ``"5m"``, ``"2h"``, ``"30d"``."""
    seconds = _quantity(value, _TIME, 'a time such as "60s", "5m", "2h" or "30d"')
    if seconds <= 0:
        raise ValueError("a time above zero")
    return seconds


def size(value: Any) -> int:
    """Return bytes of ``"64MiB"``."""
    return int(_quantity(value, _SIZE, 'a size such as "64MiB"'))


def positive_int(value: Any) -> int:
    """Return a whole number ≥ 1."""
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or int(text) < 1:
        raise ValueError("a whole number of at least 1")
    return int(text)


def positive(value: Any) -> float:
    """Return a number > 0."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if isinstance(value, bool) or not 0 < number < float("inf"):
        raise ValueError("a number above zero")
    return number


def address(value: Any) -> str:
    """Return ``host:port``."""
    host, colon, port = str(value).rpartition(":")
    if not isinstance(value, str) or not colon or not host or not port.isdecimal() or int(port) > 65_535:
        raise ValueError('an address such as "127.0.0.1:4318"')
    return value


def text(value: Any) -> str:
    """Return text."""
    if not isinstance(value, str):
        raise ValueError("text")
    return value


def folder(value: Any) -> Path:
    """Return a path."""
    return Path(text(value)).expanduser()


def urls(value: Any) -> tuple[str, ...]:
    """Return a list of http(s) URLs; one alone, or separated by commas, will do."""
    parts = value.split(",") if isinstance(value, str) else value
    good = isinstance(parts, list) and all(isinstance(one, str) and re.match(r"https?://[^/]", one) for one in parts)
    if not good:
        raise ValueError('a list of URLs such as ["http://localhost:9093"]')
    return tuple(parts)


def table(value: Any) -> Mapping[str, str]:
    """Return a table of texts."""
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise ValueError('a table such as {"client.address" = "drop"}')
    return dict(value)


Reader = Callable[[Any], Any]

OPTIONS: Final[Mapping[str, Reader]] = {
    "data.folder": folder,
    "server.listen": address,
    "server.max_request": size,
    "features.window": duration,
    "features.lateness": duration,
    "features.max_segments": positive_int,
    "learning.ready_after": duration,
    "decision.budget_per_day": positive,
    "decision.resolve_after": duration,
    "privacy.fields": table,
    "notify.webhooks": urls,
    "notify.webhook_secret": text,
    "notify.alertmanagers": urls,
    "store.retention": duration,
    "engine.snapshot_every": duration,
}
"""Every option and what reads it; the error of a reader says what is allowed."""


def _quantity(value: Any, units: Mapping[str, float], wanted: str) -> float:
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in units:
        raise ValueError(wanted)
    return float(match[1]) * units[match[2]]
