"""Log files: read whole, or followed through rotation and truncation, from where a restart left off."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Event
from typing import IO, Final

from vedette.errors import Backpressure, BadInput
from vedette.receive.base import Decode, Intake

CHUNK: Final = 1 << 20
"""Bytes read at once; cut at the last line end."""

MAX_LINE: Final = 1 << 20
"""Bytes of a line beyond which only its start is handed on, to become a dead letter."""

POLL: Final = 0.25
"""Seconds between looks at a file that has not grown."""

HEAD: Final = 256
"""Bytes at the start of a file that tell it from another one with the same inode."""


def read_file(path: Path) -> Iterator[bytes]:
    """Yield the file's bytes in pieces that end at line ends; the last piece may lack its newline.

    ``-`` is standard input, ``.gz`` is decompressed on the way.

    Raises
    ------
    BadInput
        For a file that is missing or can't be read; says why.
    """
    rest = b""
    try:
        with _opened(path) as file:
            while data := file.read(CHUNK):
                whole, rest = _cut(rest + data)
                if whole:
                    yield whole
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise BadInput("unreadable_file", detail=f"{path}: {error}") from error
    if rest:
        yield rest


def _opened(path: Path) -> IO[bytes]:
    if str(path) == "-":
        return sys.stdin.buffer
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Return whole lines, and what is left; a line beyond the limit is shortened but kept one line."""
    end = data.rfind(b"\n") + 1
    rest = data[end:]
    if len(rest) > 2 * MAX_LINE:
        rest = rest[: MAX_LINE + 1] + rest[-1:]
    return data[:end], rest


class Follower:
    """Reads what is appended to a file, across rotation (rename and create) and truncation.

    Parameters
    ----------
    path
        May come to exist later.
    offset
        Where to begin in the file as it is now; None for its end.
    """

    def __init__(self, path: Path, offset: int | None = None) -> None:
        self.path = path
        self._file: IO[bytes] | None = None
        self._inode = 0
        self.offset = 0
        """Bytes of the present file that were given out."""
        self._begin = offset
        self._open()

    def read(self) -> list[bytes]:
        """Return the whole lines that came since the last call; at a rotation also the old file's rest."""
        if self._file is None and not self._open():
            return []
        parts = self._lines()
        if self._moved():
            parts += self._lines(rest=True)
            self._close()
            if self._open():
                parts += self._lines()
        return parts

    def _open(self) -> bool:
        try:
            self._file = self.path.open("rb")
        except FileNotFoundError:
            self._begin = 0
            return False
        stat = os.fstat(self._file.fileno())
        self._inode = stat.st_ino
        self.offset = stat.st_size if self._begin is None else min(self._begin, stat.st_size)
        self._begin = 0
        return True

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _moved(self) -> bool:
        """Say whether the path names another file now."""
        try:
            return self.path.stat().st_ino != self._inode
        except FileNotFoundError:
            return False

    def _lines(self, *, rest: bool = False) -> list[bytes]:
        assert self._file is not None
        if os.fstat(self._file.fileno()).st_size < self.offset:
            self.offset = 0  # truncated in place
        parts: list[bytes] = []
        while True:
            self._file.seek(self.offset)
            data = self._file.read(CHUNK)
            end = data.rfind(b"\n") + 1
            if not end and len(data) == CHUNK:
                end = CHUNK  # one huge line: handed on in pieces, refused by the decoder
            if rest and len(data) < CHUNK:
                end = len(data)
            if not end:
                return parts
            parts.append(data[:end])
            self.offset += end

    @property
    def identity(self) -> str:
        """Name of the present file: inode and a hash of its first bytes."""
        return identity_of(self.path)


def identity_of(path: Path) -> str:
    """Return inode and a hash of the first line (at most `HEAD` bytes), by which a file is known again."""
    with path.open("rb") as file:
        head = file.read(HEAD).partition(b"\n")[0]
        return f"{os.fstat(file.fileno()).st_ino}-{blake2b(head, digest_size=8).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Offsets:
    """Where each followed file was left, in one small file."""

    path: Path

    def get(self, file: Path) -> int:
        """Return the offset for a file, 0 if it is another one than it was."""
        rows = json.loads(self.path.read_text()) if self.path.exists() else {}
        row = rows.get(str(file), {})
        return int(row["offset"]) if file.exists() and row.get("identity") == identity_of(file) else 0

    def put(self, file: Path, identity: str, offset: int) -> None:
        """Remember that all before `offset` is durable."""
        rows = json.loads(self.path.read_text()) if self.path.exists() else {}
        rows[str(file)] = {"identity": identity, "offset": offset}
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps(rows))
        draft.replace(self.path)


def tail(path: Path, decode: Decode, intake: Intake, offsets: Offsets, clock: Callable[[], int], stop: Event) -> None:
    """Follow a file into the intake until `stop` is set. Blocks; the offset moves only once lines are durable.

    A kill between journal and offset makes the same lines come again; they carry the same digest and
    are taken in once.
    """
    follower = Follower(path, offsets.get(path) if path.exists() else 0)
    while not stop.is_set():
        before = follower.offset
        parts = follower.read()
        for part in parts:
            digest = blake2b(part, digest_size=16, key=f"{follower.identity}:{before}".encode()[:64]).digest()
            _hand_in(decode, intake, part, clock(), digest, stop)
            before += len(part)
        if parts:
            offsets.put(path, follower.identity, follower.offset)
        elif stop.wait(POLL):
            return


def _hand_in(decode: Decode, intake: Intake, part: bytes, moment: int, digest: bytes, stop: Event) -> None:
    while not stop.is_set():
        try:
            intake.accept(decode(part, moment), "file", digest).result()
        except Backpressure as error:
            stop.wait(error.retry_after)
        else:
            return
