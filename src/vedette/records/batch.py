"""Telemetry as columns, before and after the privacy gate.

`RawBatch` → `SafeBatch` has one door, `vedette.privacy.gate`. The two are unrelated types, so
that handing unmasked data to the journal, a model or the store does not type-check.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from vedette.records.schema import Signal, columns_of


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Decoded telemetry, unmasked. Lives in memory only; never written, never learned from.

    Parameters
    ----------
    signal
        Which of the canonical schemas the columns follow.
    columns
        Canonical columns (`vedette.records.schema`); absent columns are absent, not null.
    """

    signal: Signal
    columns: pa.RecordBatch

    def __len__(self) -> int:
        return int(self.columns.num_rows)


@dataclass(frozen=True, slots=True)
class SafeBatch:
    """Telemetry that passed the privacy gate. The only kind that is journaled, learned and stored.

    Made by `vedette.privacy.gate.Gate.protect`, and by the journal when it reads back what it
    was given; a test holds every other module to that.
    """

    signal: Signal
    columns: pa.RecordBatch

    def __post_init__(self) -> None:
        known = columns_of(self.signal)
        for field in self.columns.schema:
            if known.get(field.name) != field.type:
                raise TypeError(
                    f"{self.signal} column {field.name!r}: got {field.type}, expected {known.get(field.name)}"
                )

    def __len__(self) -> int:
        return int(self.columns.num_rows)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be read: why, where, and the first bytes of it, masked when stored."""

    reason: str
    offset: int
    sample: bytes


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decoder made of a payload: batches, and what it could not read."""

    batches: tuple[RawBatch, ...]
    dead: tuple[DeadLetter, ...] = ()
    simulation: str = ""
    """Name of the simulation that all of it is of, as the receiver says; empty for real telemetry."""

    @property
    def accepted(self) -> int:
        """Number of records that could be read."""
        return sum(len(batch) for batch in self.batches)
