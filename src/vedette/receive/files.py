"""Log files: read whole, or followed through rotation and truncation, from where a restart left off."""

from __future__ import annotations

import gzip
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Event
from typing import IO, Any, Final

from vedette.errors import Backpressure, BadInput
from vedette.receive.base import Decode, Intake
from vedette.records.batch import DeadLetter, Decoded
from vedette.telemetry import metrics

CHUNK: Final = 1 << 20
"""Bytes read at once; cut at the last line end."""

MAX_LINE: Final = 1 << 20
"""Bytes of a line beyond which only its start is handed on, to become a dead letter."""

POLL: Final = 0.25
"""Seconds between looks at a file that has not grown."""

RETRY: Final = 2.0
"""Seconds until a file that failed is tried again."""

SAMPLE: Final = 200
"""Bytes of what can't be read that its dead letter carries."""

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
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise BadInput("unreadable_file", detail=f"{path}: {why}") from error
    if rest:
        yield rest


def _opened(path: Path) -> AbstractContextManager[IO[bytes]]:
    if str(path) == "-":
        return nullcontext(sys.stdin.buffer)
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

    Notes
    -----
    Fails on lines written to the old file after the new one was opened, and on a file that is emptied
    and filled with the same first bytes again between two looks.

    Parameters
    ----------
    path
        May come to exist later.
    offset
        Where to begin in the file as it is now; None for its end.
    until
        A place at which a piece must end, so that one that was given out before a kill comes again as it was.
    """

    def __init__(self, path: Path, offset: int | None = None, until: int = 0) -> None:
        self.path = path
        self._file: IO[bytes] | None = None
        self._head = b""
        self._scanned = 0
        self.offset = 0
        """Bytes of the present file that were given out."""
        self.start = 0
        """Where the piece that was yielded last began."""
        self._until = until
        self._begin = offset
        self._open()

    def read(self) -> list[bytes]:
        """Return what `pieces` yields."""
        return list(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the whole lines that came since the last call; at a rotation also the old file's rest.

        `offset` and `identity` are those of the piece that was yielded last. A line beyond `MAX_LINE` is
        cut to be refused by the decoder as one.
        """
        if self._file is None and not self._open():
            return
        yield from self._lines()
        if self._moved():
            yield from self._lines(rest=True)
            self._close()
            if self._open():
                yield from self._lines()

    @property
    def identity(self) -> str:
        """Name of the present file: inode and a hash of its first line."""
        return "" if self._file is None else _identity(self._file)

    def _open(self) -> bool:
        try:
            self._file = self.path.open("rb", buffering=0)
        except FileNotFoundError:
            self._begin = 0
            return False
        size = os.fstat(self._file.fileno()).st_size
        self.offset = size if self._begin is None else min(self._begin, size)
        self._head, self._scanned, self._begin = b"", 0, 0
        return True

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _moved(self) -> bool:
        """Say whether the path names another file now."""
        assert self._file is not None
        try:
            return self.path.stat().st_ino != os.fstat(self._file.fileno()).st_ino
        except FileNotFoundError:
            return False

    def _truncated(self, file: IO[bytes]) -> bool:
        """Say whether the file was emptied since the last look, be it filled beyond the old place again."""
        head, before = os.pread(file.fileno(), HEAD, 0), self._head
        self._head = head
        return os.fstat(file.fileno()).st_size < self.offset or not head.startswith(before)

    def _lines(self, *, rest: bool = False) -> Iterator[bytes]:
        assert self._file is not None
        if self._truncated(self._file):
            self.offset = self._scanned = 0
        while True:
            self.start = self.offset
            size = min(CHUNK, self._until - self.offset) if self.offset < self._until else CHUNK
            data = os.pread(self._file.fileno(), size, self.offset)
            end = data.rfind(b"\n") + 1
            if end:
                self.offset += end
                yield data[:end]
                continue
            stop = self._line_end(self._file) if len(data) == CHUNK else self.offset
            if rest and stop == self.offset:
                stop = os.fstat(self._file.fileno()).st_size
            if stop == self.offset:
                return
            piece = os.pread(self._file.fileno(), min(stop - self.offset, MAX_LINE + 1), self.offset)
            self.offset = stop
            yield piece if rest else piece.removesuffix(b"\n") + b"\n"

    def _line_end(self, file: IO[bytes]) -> int:
        """Return where a line beyond `CHUNK` ends, the present offset while it is still being written."""
        self._scanned = max(self._scanned, self.offset)
        while data := os.pread(file.fileno(), CHUNK, self._scanned):
            place = data.find(b"\n") + 1
            if place:
                return self._scanned + place
            self._scanned += len(data)
        return self.offset


def identity_of(path: Path) -> str:
    """Return inode and a hash of the first line (at most `HEAD` bytes), by which a file is known again."""
    with path.open("rb") as file:
        return _identity(file)


def _identity(file: IO[bytes]) -> str:
    head = os.pread(file.fileno(), HEAD, 0).partition(b"\n")[0]
    return f"{os.fstat(file.fileno()).st_ino}-{blake2b(head, digest_size=8).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Offsets:
    """Where each followed file was left, in one small file."""

    path: Path

    def get(self, file: Path) -> int:
        """Return the offset for a file, 0 if it is another one than it was."""
        return self._of(file, "offset")

    def pending(self, file: Path) -> int:
        """Return where the piece ends that was being handed in, 0 if none was."""
        return self._of(file, "until")

    def _of(self, file: Path, name: str) -> int:
        row = self._rows().get(str(file), {})
        return int(row.get(name, 0)) if file.exists() and row.get("identity") == identity_of(file) else 0

    def _rows(self) -> dict[str, dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = json.loads(self.path.read_text()) if self.path.exists() else {}
        return rows

    def put(self, file: Path, identity: str, offset: int, until: int = 0) -> None:
        """Remember that all before `offset` is durable, and that what comes up to `until` is being handed in."""
        rows = self._rows()
        rows[str(file)] = {"identity": identity, "offset": offset, "until": until}
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps(rows))
        draft.replace(self.path)


def tail(path: Path, decode: Decode, intake: Intake, offsets: Offsets, clock: Callable[[], int], stop: Event) -> None:
    """Follow a file into the intake until `stop` is set. Blocks; the offset moves only once lines are durable.

    A kill between journal and offset makes the same lines come again, cut at the same place whatever was
    appended meanwhile; they carry the same digest and are taken in once. A file that can't be read, or a
    place that can't be written down, is counted and tried again.
    """
    while not stop.is_set():
        try:
            _follow(path, decode, intake, offsets, clock, stop)
        except OSError:
            metrics.FILE_FAILED.add(1, str(path))
            stop.wait(RETRY)


def _follow(
    path: Path, decode: Decode, intake: Intake, offsets: Offsets, clock: Callable[[], int], stop: Event
) -> None:
    follower = Follower(path, offsets.get(path), offsets.pending(path))
    while not stop.is_set():
        fresh = False
        for part in follower.pieces():
            fresh, identity, end = True, follower.identity, follower.offset
            digest = blake2b(part, digest_size=16, key=f"{identity}:{end}".encode()[:64]).digest()
            offsets.put(path, identity, follower.start, end)
            if not _hand_in(decode, intake, part, clock(), digest, stop):
                return
            offsets.put(path, identity, end)
        if not fresh:
            stop.wait(POLL)


def _hand_in(decode: Decode, intake: Intake, part: bytes, moment: int, digest: bytes, stop: Event) -> bool:
    """Return True once the lines are durable, False if stopped before; what is no text is one dead letter."""
    try:
        decoded = decode(part, moment)
    except BadInput as error:
        decoded = Decoded((), (DeadLetter(error.reason, 0, part[:SAMPLE]),))
    while not stop.is_set():
        try:
            intake.accept(decoded, "file", digest).result()
        except Backpressure as error:
            stop.wait(error.retry_after)
        else:
            return True
    return False
