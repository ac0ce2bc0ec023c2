"""Spans of a table told apart: by what they call and whether they fail, and by the log lines written in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.errors import BadInput
from vedette.features.calls import Calls, Flags, Hashes, mixed, summed_kinds, visits
from vedette.features.templates import Templates
from vedette.scoring.span_lines import LINES

Ints = NDArray[np.int64]
Tally = tuple[Ints, Ints, Ints, Ints]


class Kinds:
    """Kinds of spans of each operation, as slots of a bank.

    Parameters
    ----------
    slot, operation
        Of each span, those of its kind and of its operation; -1 for what is not modelled.
    first, first_operation
        Slots of the bank that others take.
    """

    def __init__(self, slot: Ints, operation: Ints, first: int = 0, first_operation: int = 0) -> None:
        self.known = (slot >= 0) & (operation >= 0)
        self.slot, self.operation = slot + first, operation + first_operation

    def tally(self, rows: Ints) -> Tally:
        """Return the slots of the kinds among spans, their operations, their counts and those of the operations."""
        known = rows[self.known[rows]]
        slot, first, count = np.unique(self.slot[known], return_index=True, return_counts=True)
        operation = self.operation[known[first]]
        places, place = np.unique(operation, return_inverse=True)
        total = np.bincount(place, count, len(places)).astype(np.int64)[place]
        return slot, operation, count, total


def spoken(table: pa.Table, rows: Ints, found: Calls, service: Ints) -> Hashes | None:
    """Return a hash of the set of templates of the lines of each visit; None where the table has no lines.

    What is written in any span of a visit counts for its entry: loggers and tracers seldom agree on the innermost span.
    Templates are learned in order of the windows in which spans ended.

    Parameters
    ----------
    table
        Its column ``lines``: lists of texts, or texts of several lines; null for none.
    rows
        The rows of the table that are spans.
    found, service
        Their calls and services.

    Raises
    ------
    BadInput
        If the column is of another type.
    """
    if LINES not in table.column_names:
        return None
    order = np.argsort(found.window, kind="stable")
    column = table[LINES].take(pa.array(rows[order]))
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.split_pattern(column, "\n")
    try:
        lists = pc.cast(column, pa.list_(pa.string())).combine_chunks()
    except pa.ArrowException as error:
        raise BadInput("bad_type", detail=f"{LINES}: expected lists of texts, got {column.type}") from error
    said = Templates().assign(pc.list_flatten(lists)).astype(np.int64)
    span = order[pc.list_parent_indices(lists).to_numpy().astype(np.int64)]
    visit = visits(found, service)[span]
    return summed_kinds(visit[said >= 0], mixed(said[said >= 0]), len(rows))


def are_heard(found: Calls, service: Ints, said: Hashes) -> Flags:
    """Say which spans are visits whose lines can be judged: those to services that wrote any in the window.

    One that suddenly wrote nothing at all is taken for one whose lines got lost.
    """
    place = np.unique(mixed(service, found.window), return_inverse=True)[1]
    heard: Flags = (visits(found, service) == np.arange(len(service))) & (np.bincount(place, said != 0)[place] > 0)
    return heard
