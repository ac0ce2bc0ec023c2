"""Score tables of spans: which services are out of order in a minute, and which of them is the likely cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.calls import Spans, calls
from vedette.records.score import State
from vedette.scoring.span_kinds import spoken
from vedette.scoring.span_rows import read_spans
from vedette.scoring.span_walk import SpanWalk, Told
from vedette.scoring.tables import trained

WIDTH: Final = 60.0
"""Seconds of a window: the product's."""

TOLD_TIMES: Final = 3.0
TOLD_SHAPES: Final = 2.0
"""Spreads and decades from which a deviation is put into words."""


def score_spans(table: pa.Table) -> pa.Table:
    """Return findings by window of one minute and service, in order of time.

    A window holds the spans that ended in it, and its verdicts depend on nothing later. There is a row for every
    service that had spans in the window, or that is suspected; services keep the order of their first rows.

    Parameters
    ----------
    table
        Columns ``trace_id, span_id, parent_span_id`` (any type; no parent: null, or what no span is called),
        ``service, name, t`` (start, epoch seconds or timestamp), ``duration_ms`` (null, NaN and negative: not
        known), and if given ``status`` (``error``: the span failed), ``lines`` (what was logged in the span, or its
        events: a list of texts, or a text of several lines; null for none) and ``train`` (1 = learn only).

    Returns
    -------
    pa.Table
        ``t``, the window's start, as epoch seconds; ``service``; ``score`` from 0 to 1, how far the service itself is
        out of order in this window; ``root_score`` from 0 to 1, how likely it is the cause of what is wrong now: the
        highest is the suspected root, and all are near 0 while nothing is wrong; ``alert``, 1 where an episode of a
        suspected root begins; ``state`` (``learning`` or ``ready``); ``what``, the deviation that stands out, or "".

    Raises
    ------
    BadInput
        If a column is missing or is of another type, or a time is not finite.
    """
    spans, kept = read_spans(table)
    found = calls(spans, WIDTH)
    walk = SpanWalk(spans, found, ~trained(table)[kept], WIDTH, spoken(table, kept, found, spans.service))
    services, names = (_labels(table, column) for column in ("service", "name"))
    return _table(
        [(told, _words(told, spans, services, names)) for told in map(walk.step, _windows(found.window))], services
    )


def _labels(table: pa.Table, column: str) -> list[str]:
    """Return the texts behind the numbers of a column, in order of first occurrence."""
    return [str(value) for value in table[column].unique().to_pylist()]


def _windows(window: NDArray[np.int64]) -> Sequence[NDArray[np.int64]]:
    """Return the rows of each window, in order of time."""
    order = np.argsort(window, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(window[order])) + 1) if len(order) else []


def _words(told: Told, spans: Spans, services: Sequence[str], names: Sequence[str]) -> dict[int, str]:
    """Return the most odd deviation of each service in words."""
    words: dict[int, str] = {}
    reasons = told.reasons
    for row in np.argsort(-reasons.surprise)[: int((reasons.surprise >= TOLD_SHAPES).sum())].tolist():
        span = reasons.shaped[row]
        what = "log lines" if reasons.said[row] else "calls or failures"
        words.setdefault(int(spans.service[span]), f"{names[spans.name[span]]}: unusual {what}")
    for row in np.argsort(-reasons.z)[: int((reasons.z >= TOLD_TIMES).sum())].tolist():
        span = reasons.timed[row]
        what = "calls" if reasons.fans[row] else "own time"
        words.setdefault(
            int(spans.service[span]), f"{names[spans.name[span]]}: {what} {reasons.ratio[row]:.1f} × usual"
        )
    return words


def _table(told: Sequence[tuple[Told, dict[int, str]]], services: Sequence[str]) -> pa.Table:
    rows = [(window, words, service) for window, words in told for service in window.service.tolist()]
    state = {True: State.READY.name.lower(), False: State.LEARNING.name.lower()}
    return pa.table(
        {
            "t": pa.array([window.start for window, _, _ in rows], pa.float64()),
            "service": pa.array([services[service] for _, _, service in rows], pa.string()),
            "score": pa.array([float(window.verdict.score[service]) for window, _, service in rows], pa.float64()),
            "root_score": pa.array([float(window.verdict.root[service]) for window, _, service in rows], pa.float64()),
            "alert": pa.array(
                [int(window.ready and window.verdict.alert[service]) for window, _, service in rows], pa.int8()
            ),
            "state": pa.array([state[window.ready] for window, _, _ in rows], pa.string()),
            "what": pa.array([words.get(service, "") for _, words, service in rows], pa.string()),
        }
    )
