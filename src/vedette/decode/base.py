"""The contract of every decoder: bytes in, canonical columns out, no I/O."""

from __future__ import annotations

from typing import Protocol

from vedette.records.batch import Decoded


class Decoder(Protocol):
    """Reads whole records; a record that can't be read is a dead letter and costs no other record."""

    name: str
    """As people call the format: ``JSON lines``, ``access log (combined)``."""

    def decode(self, data: bytes, observed: int) -> Decoded:
        """Read `data`, which ends at the end of a record; `observed` (ns) is the time of records without one."""
        ...
