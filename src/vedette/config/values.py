"""Values as people write them: ``60s``, ``64MiB``, ``127.0.0.1:4318``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from vedette.config.channels import channels
from vedette.config.objectives import objectives
from vedette.config.routes import routes, teams
from vedette.config.segments import segments

_TIME: Final = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_SIZE: Final = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1000, "MB": 10**6, "GB": 10**9}
_QUANTITY: Final = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([A-Za-z]+)", re.ASCII)
_HOST: Final = re.compile(r"\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+")


def duration(value: Any) -> float:
    """Return seconds of ``"90s"``, ``"5m"``, ``"2h"``, ``"30d"``."""
    seconds = _quantity(value, _TIME, 'a time such as "60s", "5m", "2h" or "30d"')
    if seconds <= 0:
        raise ValueError("a time above zero")
    return seconds


def duration_or_never(value: Any) -> float:
    """Return seconds, 0 for ``"never"``."""
    return 0.0 if value == "never" else _or_never(value)


def _or_never(value: Any) -> float:
    try:
        return duration(value)
    except ValueError:
        raise ValueError('a time such as "1h" or "1d", or "never"') from None


def size(value: Any) -> int:
    """Return bytes of ``"64MiB"``."""
    return int(_quantity(value, _SIZE, 'a size such as "64MiB"'))


def positive_int(value: Any) -> int:
    """Return a whole number ≥ 1."""
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) < 1:
        raise ValueError("a whole number of at least 1")
    return int(text)


def positive(value: Any) -> float:
    """Return a number > 0."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = 0.0
    if isinstance(value, bool) or not 0 < number < float("inf"):
        raise ValueError("a number above zero")
    return number


def address(value: Any) -> str:
    """Return ``host:port``."""
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not _HOST.fullmatch(host) or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65_535:
        raise ValueError('an address such as "127.0.0.1:4318" or "[::1]:4318"')
    return str(value)


def text(value: Any) -> str:
    """Return text."""
    if not isinstance(value, str):
        raise ValueError("text")
    return value


def folder(value: Any) -> Path:
    """Return a path; ``~`` is the user's home."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("the path of a folder")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("the path of a folder; there is no such home folder") from None


def urls(value: Any) -> tuple[str, ...]:
    """Return a list of http(s) URLs; one alone, or separated by commas, will do."""
    parts = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(one, str) and _is_url(one) for one in parts):
        raise ValueError('a list of URLs such as ["http://localhost:9093"]')
    return tuple(dict.fromkeys(parts))


def files(value: Any) -> tuple[str, ...]:
    """Return a list of paths, each perhaps as ``service=path``; one alone, or separated by commas, will do."""
    parts = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(one, str) and one.rpartition("=")[2] for one in parts):
        raise ValueError('a list of files such as ["shop=/var/log/nginx/access.log"]')
    return tuple(dict.fromkeys(parts))


def paths(value: Any) -> tuple[str, ...]:
    """Return a list of paths; one alone, or separated by commas, will do."""
    parts = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(one, str) and one.strip() for one in parts):
        raise ValueError('a list of files, folders or archives such as ["/etc/vedette/rules"]')
    return tuple(dict.fromkeys(parts))


def names(value: Any) -> tuple[str, ...]:
    """Return a list of names; one alone, or separated by commas, will do."""
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(one, str) and one.replace("-", "").isalnum() for one in parts):
        raise ValueError('a list of names such as ["shop", "payment"]')
    return tuple(dict.fromkeys(parts))


def switch(value: Any) -> bool:
    """Return true or false."""
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = value if isinstance(value, bool) else words.get(str(value).lower())
    if found is None:
        raise ValueError("true or false")
    return found


def table(value: Any) -> Mapping[str, str]:
    """Return a table of columns and what becomes of them; ``column=drop,column=keep`` will do.

    Raises
    ------
    ValueError
        For what is no table.
    ConfigError
        For a column or a treatment that does not exist.
    """
    if isinstance(value, str):
        value = dict(part.strip().split("=", 1) for part in value.split(",") if "=" in part) or None
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise ValueError('a table such as {"client.address" = "drop"}')
    if value:
        from vedette.privacy.policy import Policy

        Policy.default().with_fields(value)
    return dict(value)


def link(value: Any) -> str:
    """Return one http(s) URL, or nothing."""
    if not isinstance(value, str) or (value and not _is_url(value)):
        raise ValueError('the address of the page, such as "https://vedette.example.com"')
    return value.rstrip("/")


Reader = Callable[[Any], Any]

OPTIONS: Final[Mapping[str, Reader]] = {
    "data.folder": folder,
    "server.listen": address,
    "server.max_request": size,
    "receive.files": files,
    "receive.processes": switch,
    "kubernetes.watch": switch,
    "kubernetes.kubeconfig": text,
    "kubernetes.namespaces": names,
    "features.window": duration,
    "features.lateness": duration,
    "features.max_segments": positive_int,
    "features.max_entities": positive_int,
    "features.session_idle": duration,
    "learning.ready_after": duration,
    "decision.budget_per_day": positive,
    "decision.resolve_after": duration,
    "decision.change_window": duration,
    "rules.own": switch,
    "rules.paths": paths,
    "privacy.fields": table,
    "notify.webhooks": urls,
    "notify.webhook_secret": text,
    "server.webhook_secret": text,
    "notify.alertmanagers": urls,
    "notify.link": link,
    "notify.channels": channels,
    "notify.teams": teams,
    "notify.routes": routes,
    "notify.simulated": switch,
    "store.retention": duration,
    "engine.snapshot_every": duration,
    "canary.every": duration_or_never,
    "segment": segments,
    "slo": objectives,
}
"""Every option and what reads it; the error of a reader says what is allowed."""

HIDDEN: Final = ("notify.webhooks", "notify.alertmanagers")
"""Options whose values may hold secrets though their names do not say so."""


def _quantity(value: Any, units: Mapping[str, float], wanted: str) -> float:
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in units:
        raise ValueError(wanted)
    return float(match[1]) * units[match[2]]


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0 and value.isascii()
    except ValueError:
        return False
