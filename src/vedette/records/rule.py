"""What rules say: their matches at single events, and what came of them in one window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vedette.records import schema
from vedette.records.segment import Segment
from vedette.records.texts import labels_at


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that a rule matched, as the journal has it.

    Parameters
    ----------
    time
        Of the event, ns since the epoch.
    segment
        The service that it is of.
    rule
        Its Sigma id.
    fields
        What correlations ask of the event: tokens, and numbers where they compute.
    entities
        Masked user and address, those that are known.
    told
        Gives the event as a masked line; asked only for what is told.
    """

    time: int
    segment: Segment
    rule: str
    fields: Mapping[str, str]
    entities: tuple[str, ...]
    told: Callable[[], str]


def is_listed(mark: str) -> bool:
    """Say whether a mark is an indicator's: a UUID of version 8.

    >>> is_listed("0190163d-8694-839b-aea5-966c26f8ad91"), is_listed("919108f7-52d1-4320-9bac-f847db4148a8")
    (True, False)
    """
    return mark[14:15] == "8"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule, or correlation of rules, says of one segment in one window.

    Parameters
    ----------
    level
        Sigma's: ``informational`` to ``critical``.
    author
        Whom the Detection Rule License asks to name with every match.
    count
        Events that it matched.
    detector
        Whose word it is.
    family
        What it is budgeted with, such as a whole list of indicators; empty for a rule, which stands for itself.
    note
        What is told first of all evidence, if it is no rule.
    """

    segment: Segment
    rule: str
    title: str
    level: str
    techniques: tuple[str, ...]
    author: str
    count: int
    entities: tuple[str, ...]
    evidence: tuple[str, ...]
    detector: str = "sigma"
    family: str = ""
    note: str = ""


def with_marks(columns: pa.RecordBatch, marks: Mapping[int, str]) -> pa.RecordBatch:
    """Return raw columns with marks at some rows, added to those that are there."""
    texts = dict(marks)
    if schema.RULES in columns.schema.names:
        place = columns.schema.get_field_index(schema.RULES)
        ruled = columns.column(place)
        rows = np.flatnonzero(ruled.is_valid().to_numpy(zero_copy_only=False))
        for row, text in zip(rows.tolist(), ruled.take(pa.array(rows)).to_pylist(), strict=True):
            texts[row] = f"{text} {marks[row]}" if row in marks else text
        columns = columns.remove_column(place)
    return columns.append_column(schema.RULES, labels_at(texts, columns.num_rows))
