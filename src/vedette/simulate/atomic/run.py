"""Carries tests out one by one, each in a folder of its own, cleans up after them and looks whether that worked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

from vedette.simulate.atomic.allow import Entry, Refused, permitted
from vedette.simulate.atomic.cell import Cell
from vedette.simulate.atomic.load import Atomic, Text

TIMEOUT: Final = 30.0
"""Seconds that a test may take; the longest on the shipped list takes 6."""

OUTPUT: Final = 1 << 20
"""Bytes of output beyond which a test is killed."""

SHOWN: Final = 2000
"""Bytes of output that a result keeps."""


class Outcome(StrEnum):
    """What became of a test."""

    PLANNED = "planned"
    RAN = "ran"
    STOPPED = "stopped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of one test after it."""

    id: str
    """Technique and beginning of the GUID, such as ``T1082-486e88ea``."""
    guid: str
    technique: str
    name: str
    outcome: Outcome
    reason: str = ""
    """Why it was refused or stopped."""
    command: str = ""
    started_at: int = 0
    """Epoch nanoseconds."""
    exit: int | None = None
    seconds: float = 0.0
    cleaned: bool | None = None
    """Whether nothing of it is left; None if it was not carried out."""
    left: tuple[str, ...] = ()
    """What its own clean-up left behind; what lay in its own folder went with that folder."""
    output: str = ""


@dataclass(frozen=True, slots=True)
class Runner:
    """Carries out what is allowed.

    Parameters
    ----------
    allowed
        Entries by GUID.
    cell
        Where to; None for a dry run, which changes nothing.
    clock
        Returns epoch nanoseconds.
    timeout
        Seconds for a test, and again for its clean-up.
    """

    allowed: Mapping[str, Entry]
    cell: Cell | None
    clock: Callable[[], int]
    timeout: float = TIMEOUT

    def run(self, test: Atomic) -> Result:
        """Carry out a test, or say why not."""
        about = (f"{test.technique}-{test.guid[:8]}", test.guid, test.technique, test.name)
        try:
            entry, text = permitted(test, self.allowed)
            if self.cell is None:
                return Result(*about, Outcome.PLANNED, command=text.command)
            self._possible(entry, self.cell)
        except Refused as reason:
            return Result(*about, Outcome.REFUSED, str(reason))
        return self._carried_out(about, entry, text, self.cell)

    def _possible(self, entry: Entry, cell: Cell) -> None:
        if entry.network and not cell.isolated:
            raise Refused("it could use the network, which can't be taken from it here (unshare is not permitted)")
        for path in entry.touches:
            if os.path.lexists(path):
                raise Refused(f"{path} exists already, and its clean-up would remove it")

    def _carried_out(self, about: tuple[str, str, str, str], entry: Entry, text: Text, cell: Cell) -> Result:
        folder = _folder(cell)
        try:
            started_at, began = self.clock(), time.monotonic()
            ended = cell.run(text.executor, text.command, folder, self.timeout, OUTPUT)
            seconds = time.monotonic() - began
            if text.cleanup:
                cell.run(text.executor, text.cleanup, folder, self.timeout, OUTPUT)
            left = _left(folder)
        finally:
            with suppress(OSError):
                rmtree(folder)
        outside = tuple(path for path in (str(folder), *entry.touches) if os.path.lexists(path))
        return Result(
            *about,
            Outcome.STOPPED if ended.stopped else Outcome.RAN,
            ended.stopped,
            text.command,
            started_at,
            ended.exit,
            round(seconds, 3),
            not outside,
            (*left, *outside),
            ended.output[:SHOWN].decode("utf-8", "replace"),
        )


def _folder(cell: Cell) -> Path:
    """Make a folder that only the test's user can enter."""
    folder = Path(mkdtemp(prefix="vedette-atomic-"))
    if cell.uid != os.geteuid():
        os.chown(folder, cell.uid, cell.uid)
    return folder


def _left(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(str(path.relative_to(folder)) for path in folder.rglob("*")))
