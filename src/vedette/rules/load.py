"""Rules from files, folders and archives; with `vedette.rules.added` all of this room that touches a disk."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Final

from vedette.durable import write_durably
from vedette.errors import Backpressure, BadInput, StateCorrupt
from vedette.rules.codec import FORM, decode, encode
from vedette.rules.model import LARGEST, RuleSet

SUFFIXES: Final = (".yml", ".yaml")
ARCHIVES: Final = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst")
TOTAL: Final = 256 << 20
"""Bytes of all texts of an archive, unpacked; SigmaHQ has 6 MB."""
RETRY: Final = 30.0
"""Seconds after which a full disk is worth another try."""
PACK: Final = Path(__file__).with_name("pack")
"""Vedette's own rules."""
TEST: Final = ".test.yml"
"""What each of them must and must not find, beside it."""


def load(sources: Sequence[Path], cache: Path | None = None) -> RuleSet:
    """Return the rules in some files, folders and archives (tar of any compression, zip).

    What is wrong with single rules is in the set's ``problems``. With a cache, the same texts are parsed once: their
    digest names a file with the compiled rules; one that can't be read is made again.

    Raises
    ------
    BadInput
        If a source is missing, can't be read, is too large, or holds no rule at all.
    """
    texts = texts_of(sources)
    return _parsed(texts) if cache is None else _kept(texts, cache) or _keep(texts, cache)


def compile_apart(sources: Sequence[Path], cache: Path) -> str:
    """Compile what is not kept yet, in a process of its own; return its name, for `compiled`.

    The parser takes 100 MB and two seconds, which a server would carry from then on. Raises as `load` does, and
    `Backpressure` when the disk is full.
    """
    texts = texts_of(sources)
    if _kept(texts, cache) is None:
        words = [sys.executable, "-m", __name__, str(cache), *map(str, sources)]
        subprocess.run(words, check=False, stdin=subprocess.DEVNULL, capture_output=True)
        if _kept(texts, cache) is None:
            try:
                _keep(texts, cache)
            except OSError as error:
                raise Backpressure(f"compiled rules can't be kept: {error}", RETRY) from error
    return digest(texts)


def compiled(name: str, cache: Path) -> RuleSet:
    """Return the rules that `compile_apart` named.

    Raises
    ------
    BadInput
        If they are not kept there, or can't be read.
    """
    try:
        return decode((cache / f"{name}.json").read_bytes())
    except (OSError, StateCorrupt) as error:
        raise BadInput("no_compiled_rules", detail=f"{name}: {error}") from error


def own_rules(cache: Path | None = None) -> RuleSet:
    """Return Vedette's own rules; none where the pack is not installed."""
    return load([PACK], cache) if PACK.is_dir() else RuleSet()


def texts_of(sources: Sequence[Path]) -> dict[str, str]:
    """Return the texts of rules in some files, folders and archives by their names there.

    Raises
    ------
    BadInput
        As `load` does.
    """
    texts: dict[str, str] = {}
    for source in sources:
        for name, data in _files(source):
            texts[name] = data.decode("utf-8", "replace")
    if not texts:
        raise BadInput(
            "no_rules", detail=f"got {', '.join(map(str, sources))}, expected files that end in .yml or .yaml"
        )
    return texts


def _parsed(texts: Mapping[str, str]) -> RuleSet:
    from vedette.rules.parse import parse  # only where it is needed: see `compile_apart`

    return parse(texts)


def _kept(texts: Mapping[str, str], cache: Path) -> RuleSet | None:
    with suppress(OSError, StateCorrupt):
        return decode((cache / f"{digest(texts)}.json").read_bytes())
    return None


def _keep(texts: Mapping[str, str], cache: Path) -> RuleSet:
    rules = _parsed(texts)
    cache.mkdir(parents=True, exist_ok=True)
    write_durably(cache / f"{digest(texts)}.json", encode(rules))
    return rules


def digest(texts: Mapping[str, str]) -> str:
    """Return a name for what some texts compile to: it differs by every byte of them, and by the parser."""
    mixed = hashlib.sha256(f"{version('pysigma')} {FORM}".encode())
    for name, text in sorted(texts.items()):
        for part in (name.encode(), text.encode()):
            mixed.update(len(part).to_bytes(8, "big") + part)
    return mixed.hexdigest()[:32]


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if source.is_dir():
            for path in sorted(path for path in source.rglob("*") if _is_rules(path.name)):
                yield path.relative_to(source).as_posix(), _limited(path)
        elif tarfile.is_tarfile(source):
            yield from _tar(source)
        elif zipfile.is_zipfile(source):
            yield from _zip(source)
        elif source.name.endswith(ARCHIVES):
            raise BadInput("unreadable_rules", detail=f"{source}: no archive, or a damaged one")
        else:
            yield source.name, _limited(source)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, RuntimeError) as error:
        raise BadInput("unreadable_rules", detail=f"{source}: {error}") from error


def _is_rules(name: str) -> bool:
    return PurePosixPath(name).suffix in SUFFIXES and not name.endswith(TEST)


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _tar(source: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    with tarfile.open(source) as archive:
        for member in archive:
            total = within(total + member.size, source)
            if member.isfile() and _is_rules(member.name):
                opened = archive.extractfile(member)
                if opened is not None:
                    yield member.name, opened.read(LARGEST + 1)


def _zip(source: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            total = within(total + member.file_size, source)
            if not member.is_dir() and _is_rules(member.filename):
                with archive.open(member) as opened:
                    yield member.filename, opened.read(LARGEST + 1)


def within(total: int, source: Path) -> int:
    """Return a number of unpacked bytes if it may be read.

    Raises
    ------
    BadInput
        If it is more than `TOTAL`.
    """
    if total > TOTAL:
        raise BadInput("rules_too_large", detail=f"{source}: more than {TOTAL} bytes unpacked")
    return total


if __name__ == "__main__":
    load([Path(name) for name in sys.argv[2:]], Path(sys.argv[1]))
