"""Atomic Red Team's own YAML, from a file or a folder, checked field by field."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from vedette.errors import BadInput

MAX_FILE: Final = 64 << 20
"""Bytes of a file beyond which it is none of theirs; all of their tests together are 5 MB."""

MANUAL: Final = "manual"
"""Executor of tests that are instructions for people."""

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TECHNIQUE: Final = re.compile(r"T\d{4}(\.\d{3})?")
_ARGUMENT: Final = re.compile(r"#\{([^{}\s]+)\}")


@dataclass(frozen=True, slots=True)
class Text:
    """What would be executed: every argument filled in."""

    executor: str
    command: str
    cleanup: str


@dataclass(frozen=True, slots=True)
class Atomic:
    """One test, as Atomic Red Team describes it."""

    technique: str
    name: str
    guid: str
    platforms: tuple[str, ...]
    executor: str
    command: str
    cleanup: str = ""
    elevated: bool = False
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Default value by name."""

    def filled(self, given: Mapping[str, str]) -> Text:
        """Return the text with arguments in place, `given` before the defaults; what has neither stays as it is.

        >>> Atomic("T1", "n", "g", ("linux",), "sh", "ls #{dir} #{x}", arguments={"dir": "/"}).filled({"dir": "."})
        Text(executor='sh', command='ls . #{x}', cleanup='')
        """
        values = {**self.arguments, **given}

        def put(text: str) -> str:
            return _ARGUMENT.sub(lambda match: values.get(match[1], match[0]), text).strip()

        return Text(self.executor, put(self.command), put(self.cleanup))


@dataclass(frozen=True, slots=True)
class Loaded:
    """Tests that could be read, and what is wrong with the others."""

    tests: tuple[Atomic, ...]
    problems: tuple[str, ...]
    """``file: test: field: got x, expected y``, one for each test or file that could not be read."""


def load(path: Path) -> Loaded:
    """Read a YAML file (several documents will do; ``.xz`` is decompressed), or all of a folder and below.

    A test or file that can't be read costs no other one. A test whose id came before is a problem, too.

    Raises
    ------
    BadInput
        If the path is neither, or holds no test at all; says why.
    """
    problems: list[str] = []
    tests: dict[str, Atomic] = {}
    for file in _files(path):
        for found in _read(file):
            if isinstance(found, Atomic) and found.guid in tests:
                found = f"{file}: {found.name!r}: auto_generated_guid: got {found.guid} again, expected one of its own"
            if isinstance(found, Atomic):
                tests[found.guid] = found
            else:
                problems.append(found)
    if not tests:
        why = f": {problems[0]}" if problems else ", expected YAML files of Atomic Red Team"
        raise BadInput("no_atomic_tests", detail=f"{path}{why}")
    return Loaded(tuple(tests.values()), tuple(problems))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("T*.y*ml") if file.is_file())
    if not path.is_file():
        raise BadInput("unreadable_file", detail=f"got {path}, expected a YAML file or a folder of them")
    return [path]


def _read(file: Path) -> Iterator[Atomic | str]:
    """Yield tests and problems of one file."""
    try:
        for document in yaml.load_all(_text(file), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            yield from _document(document, str(file))
    except (OSError, ValueError, lzma.LZMAError, EOFError, yaml.YAMLError, RecursionError) as error:
        yield f"{file}: {' '.join(str(error).split())}"


def _text(file: Path) -> str:
    with lzma.open(file) if file.suffix == ".xz" else file.open("rb") as stream:
        data = stream.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise ValueError(f"got more than {MAX_FILE} bytes, expected a file of Atomic Red Team")
    return data.decode()


def _document(document: Any, where: str) -> Iterator[Atomic | str]:
    if not isinstance(document, dict) or not isinstance(document.get("atomic_tests"), list):
        yield f"{where}: atomic_tests: got {_shown(document)}, expected a document with a list of tests"
        return
    technique = document.get("attack_technique")
    if not isinstance(technique, str) or not _TECHNIQUE.fullmatch(technique):
        yield f"{where}: attack_technique: got {technique!r}, expected an id such as T1059.004"
        return
    for number, test in enumerate(document["atomic_tests"], 1):
        try:
            yield _atomic(technique, test)
        except ValueError as problem:
            yield f"{where}: {technique} test {number}: {problem}"


def _atomic(technique: str, test: Any) -> Atomic:
    if not isinstance(test, dict):
        raise ValueError(f"got {_shown(test)}, expected a mapping")
    executor = test.get("executor")
    if not isinstance(executor, dict):
        raise ValueError(f"executor: got {_shown(executor)}, expected a mapping")
    guid = test.get("auto_generated_guid")
    if not isinstance(guid, str) or not _GUID.fullmatch(guid):
        raise ValueError(f"auto_generated_guid: got {guid!r}, expected a GUID")
    platforms = test.get("supported_platforms")
    if not isinstance(platforms, list) or not all(isinstance(one, str) for one in platforms):
        raise ValueError(f"supported_platforms: got {_shown(platforms)}, expected a list of names")
    kind = _string(executor, "name")
    return Atomic(
        technique,
        _string(test, "name"),
        guid,
        tuple(platforms),
        kind,
        "" if kind == MANUAL else _string(executor, "command"),
        _string(executor, "cleanup_command", ""),
        executor.get("elevation_required") is True,
        _arguments(test.get("input_arguments")),
    )


def _string(of: dict[str, Any], name: str, default: str | None = None) -> str:
    value = of.get(name)
    if value in (None, "") and default is not None:
        return default
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}: got {_shown(value)}, expected text")
    return value


def _arguments(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise ValueError(f"input_arguments: got {_shown(given)}, expected a mapping of arguments")
    return {str(name): str(one["default"]) for name, one in given.items() if one.get("default") is not None}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
