"""Dead letters: what could not be read, kept masked, so that the sender can be mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import orjson

from vedette.records.batch import DeadLetter
from vedette.records.time import rfc3339
from vedette.telemetry import metrics

MAX_BYTES: Final = 8 << 20
"""Bytes of a file before it becomes the older one; two are kept."""

EACH: Final = 100
"""Letters of one payload that are kept; the others are like them, and counted."""


class DeadLetters:
    """Appends letters as JSON lines. Thread-safe; a disk that fails costs letters, never data.

    Parameters
    ----------
    path
        The newer file; the older one has ``.1`` behind its name.
    mask
        Removes what is personal from a text (`vedette.privacy.gate.Gate.mask_text`).
    """

    def __init__(self, path: Path, mask: Callable[[str], str]) -> None:
        self._path = path
        self._mask = mask
        self._lock = Lock()

    def keep(self, letters: Sequence[DeadLetter], source: str, moment: int) -> None:
        """Keep what a payload held that could not be read."""
        if not letters:
            return
        lines = b"".join(self._line(letter, source, moment) for letter in letters[:EACH])
        try:
            with self._lock:
                self._append(lines)
        except OSError:
            metrics.LETTERS_LOST.add(len(letters))

    def _append(self, lines: bytes) -> None:
        if self._path.exists() and self._path.stat().st_size + len(lines) > MAX_BYTES:
            self._path.replace(self._path.with_name(self._path.name + ".1"))
        with self._path.open("ab") as file:
            file.write(lines)

    def _line(self, letter: DeadLetter, source: str, moment: int) -> bytes:
        return orjson.dumps(
            {
                "time": rfc3339(moment),
                "source": source,
                "reason": letter.reason,
                "offset": letter.offset,
                "sample": self._mask(letter.sample.decode("utf-8", "replace")),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
