"""Recorded attacks, described by a manifest: checked, moved to now, and given one's own hosts' and users' names."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final, cast

import yaml

from vedette.config.values import duration
from vedette.errors import BadInput
from vedette.rules.times import seconds_of

TIMES: Final = ("@timestamp", "time", "timestamp", "ts", "UtcTime", "TimeCreated", "eventTime", "_time", "published")
"""Where events have their time; the first that is there. It is sent as ``@timestamp``."""
SEVERITIES: Final = ("low", "medium", "high", "critical")
LARGEST: Final = 256 << 20
"""Bytes of a recording, unpacked."""
_TECHNIQUE: Final = re.compile(r"T\d{4}(\.\d{3})?")
_KNOWN: Final = {"id", "technique", "title", "source", "license", "file", "sha256", "service", "entities", "expect"}

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be found in time: an incident of a severity at least that names a technique, or what it is part of."""

    technique: str
    severity: str = "low"
    within: float = 300.0
    """Seconds from the first event to the incident."""

    def holds(self, incident: Mapping[str, Any]) -> bool:
        """Say whether an incident is the one, its time left out."""
        named = {self.technique, self.technique.partition(".")[0]} & set(incident["techniques"])
        return bool(named) and SEVERITIES.index(incident["severity"]) >= SEVERITIES.index(self.severity)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded attack: its events in order of time, and what is expected to be found of it.

    ``renamed`` are names of hosts, users and addresses in it, and what to call them instead.
    """

    id: str
    technique: str
    title: str
    service: str
    expected: Expected
    events: tuple[tuple[float, Document], ...]
    """Seconds from the first event, and the event."""
    renamed: Mapping[str, str] = field(default_factory=dict)

    def played(self, begin: float, speed: float, renamed: Mapping[str, str]) -> Iterator[tuple[float, Document]]:
        """Yield when each event is to be sent, epoch seconds, and the event as of then; more names may be given."""
        names = {**self.renamed, **renamed}
        pattern = _pattern(names)
        for offset, event in self.events:
            own = {name: value for name, value in event.items() if name not in TIMES}
            if self.service and "service.name" not in own and "service" not in own:
                own["service.name"] = self.service
            yield begin + offset / speed, _renamed(own, names, pattern) if pattern else own


def read(manifest: Path) -> Recording:
    """Return the recording that a manifest describes.

    Raises
    ------
    BadInput
        For a manifest that is none, a file that is missing, too large or of another digest, or a line without a time;
        it is named, and what was expected.
    """
    try:
        found = yaml.safe_load(manifest.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _bad(manifest, f"no manifest: {error}") from error
    if not isinstance(found, dict):
        raise _bad(manifest, f"got {type(found).__name__}, expected a mapping with id, technique, file and sha256")
    unknown = sorted(set(found) - _KNOWN)
    if unknown:
        raise _bad(manifest, f"got {', '.join(map(str, unknown))}, expected {', '.join(sorted(_KNOWN))}")
    missing = [name for name in ("id", "technique", "file", "sha256") if not isinstance(found.get(name), str)]
    if missing:
        raise _bad(manifest, f"{', '.join(missing)}: expected a text")
    for name in ("expect", "entities"):
        if not isinstance(found.get(name, {}), dict):
            raise _bad(manifest, f"{name}: got {found[name]!r}, expected a mapping")
    technique = found["technique"]
    if not _TECHNIQUE.fullmatch(technique):
        raise _bad(manifest, f"technique: got {technique!r}, expected such as T1110.001")
    return Recording(
        found["id"],
        technique,
        str(found.get("title", found["id"])),
        str(found.get("service", "")),
        _expected(manifest, technique, found.get("expect", {})),
        _events(manifest, manifest.parent / found["file"], found["sha256"].lower()),
        {str(old): str(new) for old, new in found.get("entities", {}).items()},
    )


def _expected(manifest: Path, technique: str, said: Mapping[str, Any]) -> Expected:
    unknown = sorted(set(said) - {"technique", "severity", "within"})
    severity = said.get("severity", "low")
    if unknown or severity not in SEVERITIES:
        wanted = f"technique, severity ({', '.join(SEVERITIES)}) and within"
        raise _bad(manifest, f"expect: got {', '.join(unknown) or repr(severity)}, expected {wanted}")
    try:
        return Expected(str(said.get("technique", technique)), severity, duration(said.get("within", "5m")))
    except ValueError as error:
        raise _bad(manifest, f"expect.within: got {said['within']!r}, expected {error}") from error


def _events(manifest: Path, path: Path, digest: str) -> tuple[tuple[float, Document], ...]:
    """Return the events of a file of JSON lines by time, seconds from the first."""
    if path.resolve().parent != manifest.parent.resolve() and manifest.parent.resolve() not in path.resolve().parents:
        raise _bad(manifest, f"file: got {path.name!r} outside the manifest's folder, expected one in it")
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise _bad(manifest, f"file: {error}") from error
    if (got := hashlib.sha256(packed).hexdigest()) != digest:
        raise _bad(manifest, f"{path.name}: got SHA-256 {got}, expected {digest}")
    found = [_event(path, number, line) for number, line in enumerate(_unpacked(path, packed).splitlines(), 1) if line]
    if not found:
        raise _bad(manifest, f"{path.name}: no event in it")
    found.sort(key=lambda one: one[0])
    return tuple((time - found[0][0], event) for time, event in found)


def _unpacked(path: Path, packed: bytes) -> str:
    try:
        with _opened(path.suffix, BytesIO(packed)) as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise BadInput("recording", detail=f"{path}: more than {LARGEST} bytes unpacked")
        return data.decode()
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise BadInput("recording", detail=f"{path}: {error}") from error


def _opened(suffix: str, packed: BytesIO) -> IO[bytes]:
    if suffix == ".xz":
        return lzma.LZMAFile(packed)
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=packed))
    return packed


def _event(path: Path, number: int, line: str) -> tuple[float, Document]:
    try:
        event = json.loads(line)
    except ValueError as error:
        raise BadInput("recording", detail=f"{path}:{number}: no JSON: {error}") from error
    if not isinstance(event, dict):
        raise BadInput("recording", detail=f"{path}:{number}: got {type(event).__name__}, expected an object")
    said = next((event[name] for name in TIMES if name in event), None)
    time = None if said is None else seconds_of(str(said))
    if time is None:
        raise BadInput("recording", detail=f"{path}:{number}: time {said!r}, expected one of {', '.join(TIMES)}")
    return time, event


def _pattern(names: Mapping[str, str]) -> re.Pattern[str] | None:
    """Return what finds any of the names as a whole: between letters, digits and dots nothing is a name."""
    words = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(words)})(?![\w]|\.\w)") if words else None


def _renamed(value: Any, names: Mapping[str, str], pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(lambda found: names[found[0]], value)
    if isinstance(value, dict):
        return {name: _renamed(one, names, pattern) for name, one in value.items()}
    return [_renamed(one, names, pattern) for one in value] if isinstance(value, list) else value


def _bad(manifest: Path, cause: str) -> BadInput:
    return BadInput("recording", detail=f"{manifest}: {cause}")
