"""Reads the configuration: flag > environment > ./vedette.toml > the user's file > default. All problems at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from os import environ as os_environ
from pathlib import Path
from typing import Any, Final

from vedette.config.lines import Lines
from vedette.config.schema import Config
from vedette.config.values import HIDDEN, OPTIONS
from vedette.errors import ConfigError

FILE: Final = "vedette.toml"
PREFIX: Final = "VEDETTE_"
NOT_OPTIONS: Final = frozenset(
    {
        *("VEDETTE_DATA", "VEDETTE_KEY", "VEDETTE_URL", "VEDETTE_REQUIRE_E2E", "VEDETTE_OWNED"),
        *("VEDETTE_TAXII_PASSWORD", "VEDETTE_TAXII_TOKEN"),
    }
)
"""Variables with a meaning of their own; ``VEDETTE_DATA`` is short for ``VEDETTE_DATA_FOLDER``."""

_SERVICE_LINK: Final = re.compile(
    r"VEDETTE_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)"
)
"""What Kubernetes sets in every pod beside a service whose name begins with ``vedette``."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value as it was found, and where; `lines` are those of its file."""

    value: Any
    origin: str
    path: str = ""
    lines: Lines | None = None

    def told(self, problem: str) -> str:
        """Return a problem ``key.of.part: …`` with the line of that part."""
        where = self.origin if self.lines is None else f"{self.path}:{self.lines.of(problem.partition(': ')[0])}"
        return f"{where} {problem}"


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
    chosen: dict[str, Chosen] = {}
    for source in _files(path, environ):
        chosen |= dict(_from_file(source, problems))
    chosen |= dict(_from_environment(environ, problems))
    chosen |= {key: Chosen(value, "command line") for key, value in (overrides or {}).items()}
    values = {key: _read(key, given, problems) for key, given in chosen.items()}
    problems += _contradictions(values, chosen)
    if problems:
        raise ConfigError(problems)
    return _applied(values, {key: given.origin for key, given in chosen.items()})


def _files(path: Path | None, environ: Mapping[str, str]) -> list[Path]:
    if path is not None:
        return [path]
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    return [candidate for candidate in (Path(home) / "vedette" / FILE, Path(FILE)) if candidate.is_file()]


def _from_file(path: Path, problems: list[str]) -> Iterator[tuple[str, Chosen]]:
    try:
        text = path.read_text(encoding="utf-8")
        tree = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path}: {error}")
        return
    lines = Lines(text)
    for key, value in _flat(tree, ()):
        where = f"{path}:{lines.of(key)}"
        if key in OPTIONS:
            yield key, Chosen(value, where, str(path), lines)
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


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, Chosen]]:
    names = {PREFIX + key.replace(".", "_").upper(): key for key in OPTIONS} | {"VEDETTE_DATA": "data.folder"}
    for name in sorted(environ):
        if name in names:
            yield names[name], Chosen(environ[name], name)
        elif name.startswith(PREFIX) and name not in NOT_OPTIONS and not _SERVICE_LINK.fullmatch(name):
            near = get_close_matches(name, names, n=1)
            problems.append(f"{name}: unknown option{f', did you mean {near[0]}?' if near else ''}")


def _read(key: str, given: Chosen, problems: list[str]) -> Any:
    if key not in OPTIONS:
        problems.append(f"{given.origin} {key}: unknown option{_near(key)}")
        return None
    try:
        return OPTIONS[key](given.value)
    except ValueError as allowed:
        problems.append(f"{given.origin} {key}: got {_repeated(key, given.value)}, allowed {allowed}")
    except ConfigError as error:
        problems += map(given.told, error.problems)
    return None


def _repeated(key: str, value: Any) -> str:
    """Return a value as a message may repeat it: addresses of receivers hold secrets."""
    return "…" if key.endswith("secret") or key in HIDDEN else repr(value)


def _contradictions(values: Mapping[str, Any], chosen: Mapping[str, Chosen]) -> list[str]:
    """Return what is wrong between options that are right by themselves; none while one of them can't be read."""
    names = ("notify.routes", "notify.channels", "notify.teams")
    found = [values.get(name, getattr(Config().notify, name.partition(".")[2])) for name in names]
    if not found[0] or None in found:
        return []
    from vedette.config.routes import unmatched

    return [chosen[names[0]].told(problem) for problem in unmatched(*found)]


def _near(key: str) -> str:
    near = get_close_matches(key, OPTIONS, n=1)
    return f", did you mean {near[0]}?" if near else ""


def _applied(values: Mapping[str, Any], origins: Mapping[str, str]) -> Config:
    config = replace(Config(), origins=origins)
    for key, value in values.items():
        section, _, name = key.partition(".")
        part = replace(getattr(config, section), **{name: value}) if name else value
        config = replace(config, **{section: part})
    return config
