"""One process at a time on a data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from vedette.errors import DataInUse


class DataLock:
    """Holds the folder's lock until it is released or the process ends, however it ends.

    Raises
    ------
    DataInUse
        When another process holds it; names its process id.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "lock"
        self._file: IO[str] = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = path.read_text().strip() or "unknown"
            self._file.close()
            raise DataInUse(
                f"{folder} is used by another Vedette (process {holder}); stop it, or choose another --data"
            ) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let go of the folder."""
        self._file.close()
