"""Reads ``[notify.channels.NAME]``: where messages may go."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from vedette.config.tables import choice, names, read_table, refuse
from vedette.errors import ConfigError
from vedette.notify import email, pagerduty, syslog, webhook
from vedette.notify.channel import TYPES, Channel, place
from vedette.notify.post import DEADLINE
from vedette.notify.words import check_template

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
MAIL: Final = re.compile(r"(?:[^<>\r\n]{1,200} <)?[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}>?")
"""``Vedette <vedette@example.com>`` or the address alone; the mail server knows the rest."""

SERVER: Final = 'a server such as "mail.example.com" or "mail.example.com:587"'

_SECRET: Final = ("secret", "secret_file", "secret_env")
_DOOR: Final = ("url", "url_file", "url_env", "ca_file")
_WORDS: Final = ("title", "template")

ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "alertmanager": (*_DOOR, *_SECRET, *_WORDS),
    "email": ("server", "from", "to", "security", "user", "ca_file", *_SECRET, *_WORDS),
    "ntfy": (*_DOOR, *_SECRET, *_WORDS),
    "pagerduty": (*_DOOR, *_SECRET, *_WORDS),
    "slack": (*_DOOR, *_WORDS),
    "syslog": ("server", "transport", "ca_file", *_WORDS),
    "teams": (*_DOOR, *_WORDS),
    "webhook": (*_DOOR, *_SECRET, "format"),
}
"""What may be set for each type, besides ``type`` and ``timeout``."""

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("alertmanager", "ntfy", "slack", "teams", "webhook"), ("url",)),
    "email": ("server", "from", "to"),
    "pagerduty": ("secret",),
    "syslog": ("server",),
}


def channels(value: Any) -> Mapping[str, Channel]:
    """Return channels by name.

    Raises
    ------
    ValueError
        For what is no table.
    ConfigError
        With every problem of every channel.
    """
    if not isinstance(value, dict):
        raise ValueError("tables [notify.channels.NAME] in vedette.toml")
    problems: list[str] = []
    found = {name: _channel(name, table, problems) for name, table in value.items()}
    if problems:
        raise ConfigError(problems)
    return {name: channel for name, channel in found.items() if channel is not None}


def _channel(name: str, table: Any, problems: list[str]) -> Channel | None:
    key, before = f"notify.channels.{name}", len(problems)
    if not NAME.fullmatch(name):
        problems.append(refuse(key, name, "a name of letters, digits, - and _, at most 60"))
    kind = table.get("type") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in TYPES:
        problems.append(refuse(f"{key}.type", kind, f"one of {', '.join(TYPES)}"))
        return None
    readers = {option: READERS[option] for option in ("type", "timeout", *ALLOWED[kind])}
    values = read_table(key, table, readers, problems, hidden=("secret", "url"))
    for option in ("url", "secret"):
        _settle(key, option, values, problems)
    if kind == "pagerduty":
        values.setdefault("url", pagerduty.URL)
    problems += [
        f"{key}.{option}: got nothing, expected {WANTED[option]}"
        for option in NEEDED[kind]
        if option not in values and not any(f"{key}.{option}" in problem for problem in problems[before:])
    ]
    _check_password(key, values, problems)
    if len(problems) > before:
        return None
    renamed = {"sender" if option == "from" else option: read for option, read in values.items()}
    return Channel(name, **renamed)


def _settle(key: str, option: str, values: dict[str, Any], problems: list[str]) -> None:
    """Put what a file or a variable holds in the place of the name of it."""
    given = [name for name in (option, f"{option}_file", f"{option}_env") if name in values]
    if len(given) > 1:
        problems.append(f"{key}.{given[1]}: got {' and '.join(given)}, expected one of them")
    file, variable = values.pop(f"{option}_file", None), values.pop(f"{option}_env", None)
    text, where = "", ""
    if file is not None:
        text, where = _first_line(file), f"{option}_file"
    elif variable is not None:
        text, where = os.environ.get(variable, "").strip(), f"{option}_env"
    if not where:
        return
    if not text:
        what = "the path of a file that can be read and is not empty" if file else "the name of a variable that is set"
        problems.append(refuse(f"{key}.{where}", str(file or variable), what))
        return
    try:
        values[option] = READERS[option](text)
    except ValueError as wanted:
        problems.append(f"{key}.{where}: got …, expected {wanted} in it")


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _check_password(key: str, values: Mapping[str, Any], problems: list[str]) -> None:
    """A password goes over TLS, or stays on this machine."""
    if not values.get("user"):
        return
    if "secret" not in values:
        problems.append(f"{key}.secret: got nothing, expected the password of {values['user']!r}")
    host = place(values.get("server", ""), 0)[0]
    if values.get("security") == "none" and host not in ("localhost", "127.0.0.1", "::1"):
        problems.append(refuse(f"{key}.security", "none", "starttls or tls where a user signs in"))


def _url(value: Any) -> str:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or not value.isascii() or any(char.isspace() for char in value):
        raise ValueError(WANTED["url"])
    return str(value)


def _server(value: Any) -> str:
    port = r"(?::\d{1,5})?"
    if not isinstance(value, str) or not re.fullmatch(rf"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+){port}", value, re.ASCII):
        raise ValueError(SERVER)
    if not 0 < place(value, 1)[1] < 65_536:
        raise ValueError(SERVER)
    return value


def _timeout(value: Any) -> float:
    from vedette.config.values import duration  # that module lists the readers of this one

    seconds = duration(value)
    if seconds > DEADLINE:
        raise ValueError(f"a time of at most {DEADLINE:g}s")
    return seconds


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or any(char in value for char in "\r\n\0"):
        raise ValueError("text on one line")
    return value.strip()


def _variable(value: Any) -> str:
    name = _text(value)
    if name.startswith("VEDETTE_"):
        raise ValueError("the name of a variable; those that begin with VEDETTE_ are options")
    return name


def _template(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("text with fields such as $title")
    return check_template(value)


def _file(value: Any) -> Path:
    path = Path(_text(value)).expanduser()
    if not path.is_file():
        raise ValueError("the path of a file that exists")
    return path


def _mail(value: Any) -> str:
    if not isinstance(value, str) or not MAIL.fullmatch(value):
        raise ValueError('an address such as "Vedette <vedette@example.com>"')
    return value


def _mails(value: Any) -> tuple[str, ...]:
    listed = names(value if not isinstance(value, str) else [value])
    return tuple(map(_mail, listed))


WANTED: Final = {
    "url": 'an address such as "https://hooks.example.com/…"',
    "secret": "a secret: secret, secret_file or secret_env",
    "server": SERVER,
    "from": "the address of the sender",
    "to": "a list of addresses",
}

READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "type": choice(TYPES),
    "timeout": _timeout,
    "url": _url,
    "url_file": _file,
    "url_env": _variable,
    "secret": _text,
    "secret_file": _file,
    "secret_env": _variable,
    "ca_file": lambda value: str(_file(value)),
    "title": _template,
    "template": _template,
    "server": _server,
    "from": _mail,
    "to": _mails,
    "security": choice(email.SECURITIES),
    "user": _text,
    "transport": choice(syslog.TRANSPORTS),
    "format": choice(webhook.FORMATS),
}
"""Every option of a channel and what reads it; the error of a reader says what is allowed."""
