"""Reads the configuration: flag > environment > ./vedette.toml > the user's file > default. All problems at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from os import environ as os_environ
from pathlib import Path
from typing import Any, Final

from vedette.config.schema import Config
from vedette.config.values import OPTIONS
from vedette.errors import ConfigError

FILE: Final = "vedette.toml"
PREFIX: Final = "VEDETTE_"
NOT_OPTIONS: Final = frozenset({"VEDETTE_DATA", "VEDETTE_KEY", "VEDETTE_URL", "VEDETTE_REQUIRE_E2E", "VEDETTE_OWNED"})
"""Variables with a meaning of their own; ``VEDETTE_DATA`` is short for ``VEDETTE_DATA_FOLDER``."""

_SERVICE_LINK: Final = re.compile(
    r"VEDETTE_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)"
)
"""What Kubernetes sets in every pod beside a service whose name begins with ``vedette``."""


def load(
    path: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os_environ,
) -> Config:
    """Return the configuration in force.

    Parameters
    ----------
    path
        Of a TOML file that must exist; None for ``./vedette.toml`` and the user's file, if there.
    overrides
        Option → value from the command line.
    environ
        Environment variables.

    Raises
    ------
    ConfigError
        With every problem: unknown options, values of the wrong kind, unreadable files.
    """
    problems: list[str] = []
    chosen: dict[str, tuple[Any, str]] = {}
    for source in _files(path, environ):
        chosen |= dict(_from_file(source, problems))
    chosen |= dict(_from_environment(environ, problems))
    chosen |= {key: (value, "command line") for key, value in (overrides or {}).items()}
    values = {key: _read(key, value, origin, problems) for key, (value, origin) in chosen.items()}
    if problems:
        raise ConfigError(problems)
    return _applied(values, {key: origin for key, (_, origin) in chosen.items()})


def _files(path: Path | None, environ: Mapping[str, str]) -> list[Path]:
    if path is not None:
        return [path]
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    return [candidate for candidate in (Path(home) / "vedette" / FILE, Path(FILE)) if candidate.is_file()]


def _from_file(path: Path, problems: list[str]) -> Iterator[tuple[str, tuple[Any, str]]]:
    try:
        text = path.read_text(encoding="utf-8")
        tree = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path}: {error}")
        return
    for key, value in _flat(tree, ()):
        where = f"{path}:{_line_of(key, text)}"
        if key in OPTIONS:
            yield key, (value, where)
        else:
            problems.append(f"{where} {key}: unknown option{_near(key)}")


def _flat(tree: Mapping[str, Any], prefix: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield dotted options; a table that is itself an option stays whole."""
    for name, value in tree.items():
        key = ".".join((*prefix, name))
        if isinstance(value, dict) and key not in OPTIONS:
            yield from _flat(value, (*prefix, name))
        else:
            yield key, value


def _line_of(key: str, text: str) -> int:
    """Return the line on which an option is set, or its table begins."""
    section, _, name = key.rpartition(".")
    inside = re.compile(rf'\s*"?{re.escape(name)}"?\s*=')
    dotted = re.compile(rf"\s*{re.escape(key)}\s*=")
    table, best = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        table = header[1].strip() if header else table
        best = number if header and table == key else best
        if (table == section and inside.match(line)) or (not table and dotted.match(line)):
            return number
    return best


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, tuple[Any, str]]]:
    names = {PREFIX + key.replace(".", "_").upper(): key for key in OPTIONS} | {"VEDETTE_DATA": "data.folder"}
    for name in sorted(environ):
        if name in names:
            yield names[name], (environ[name], name)
        elif name.startswith(PREFIX) and name not in NOT_OPTIONS and not _SERVICE_LINK.fullmatch(name):
            near = get_close_matches(name, names, n=1)
            problems.append(f"{name}: unknown option{f', did you mean {near[0]}?' if near else ''}")


def _read(key: str, value: Any, origin: str, problems: list[str]) -> Any:
    if key not in OPTIONS:
        problems.append(f"{origin} {key}: unknown option{_near(key)}")
        return None
    try:
        return OPTIONS[key](value)
    except ValueError as allowed:
        shown = "…" if key.endswith("secret") else repr(value)
        problems.append(f"{origin} {key}: got {shown}, allowed {allowed}")
    except ConfigError as error:
        problems += [f"{origin} {problem}" for problem in error.problems]
    return None


def _near(key: str) -> str:
    near = get_close_matches(key, OPTIONS, n=1)
    return f", did you mean {near[0]}?" if near else ""


def _applied(values: Mapping[str, Any], origins: Mapping[str, str]) -> Config:
    config = replace(Config(), origins=origins)
    for key, value in values.items():
        section, _, name = key.partition(".")
        config = replace(config, **{section: replace(getattr(config, section), **{name: value})})
    return config
