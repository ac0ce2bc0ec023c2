"""Score whole tables of log lines: templates by the product's own miner, novelty by line or by session, causally."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.detectors.sequence import OF_WHOLE, Sequences, shape_of
from vedette.features.templates import Templates
from vedette.scoring.tables import codes, require, runs, seconds, texts, trained, with_columns

HALF: Final = 2.0
"""Decades of evidence that make half a score: an alert by session, where one new thing in 100 is the bar."""

MEMORY: Final = 10_000
"""Lines in which new templates are counted, to estimate the chance of another."""

LINE_BAR: Final = 0.001
"""Chance of a new template, by line, below which a new one is an alert: lines come by the thousand a session."""

PAUSES: Final = 0.99
"""Share of sessions whose longest pause, in rows, a session must outlast before the table's end to be over."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def score_logs(table: pa.Table) -> pa.Table:
    """Return the table with the template of each line and a verdict, in the order of its rows.

    By line (`ts`), a template that never occurred before is judged by how often new ones came of late. By
    session, a session is judged at its last row, from the sessions that ended before, by `vedette.detectors.sequence`;
    its other rows score 0. Rows are taken as they come: `ts` orders nothing. Score and alert are strictly
    causal. `template_id` and `template` are for grouping and are those at the end of the table: a template
    may have become more general meanwhile.

    A session whose last row lies so near the end of the table that one in a hundred sessions pauses for longer may
    not be over: it is judged by new kinds of lines and by their order only.

    It fails on faults that change only numbers within lines; and by line it does not see missing lines.

    Parameters
    ----------
    table
        Columns ``line`` (text; null has no template), and ``session`` (any type; null: no session) or ``ts`` (epoch
        seconds or timestamp); optionally ``train`` (1: an ordinary row, learned and never alerted; a session with any
        such row is). Others are kept.

    Returns
    -------
    pa.Table
        The input's columns without ``line``, and: ``template_id`` (-1 without text), ``template``, ``score``
        in [0, 1), ``alert``.

    Raises
    ------
    BadInput
        If a column is missing or is of another type.
    """
    require(table, "line")
    if "session" not in table.column_names:
        require(table, "ts")
        seconds(table, "ts")
    templates = Templates()
    ids = templates.assign(texts(table, "line")).astype(np.int64)
    train = trained(table)
    if "session" in table.column_names:
        decades, alert = _by_session(_sessions(table), ids, train)
    else:
        decades, alert = _by_line(ids, train)
    final = np.append(templates.final(), -1).astype(np.int64)[ids]
    every = pa.array([templates.text(number) for number in range(templates.size)])
    columns = {
        "template_id": pa.array(final),
        "template": every.take(pa.array(final, mask=final < 0)),
        "score": pa.array(1.0 - 2.0 ** (-decades / HALF)),
        "alert": pa.array(alert.astype(np.int8)),
    }
    return with_columns(table, columns, "line")


def _sessions(table: pa.Table) -> Ints:
    """Return each row's session as a number, -1 for none."""
    column = table["session"]
    known = column.is_valid().to_numpy()
    out = np.full(len(known), -1, np.int64)
    out[known] = codes(table.filter(pa.array(known)), "session")
    return out


def _by_line(ids: Ints, train: Flags) -> tuple[Floats, Flags]:
    """Judge the first line of each template by how many new ones came in the lines before."""
    decades, alert = np.zeros(len(ids)), np.zeros(len(ids), np.bool_)
    _, first = np.unique(ids, return_index=True)
    fresh, when = 0.0, 0
    for row in np.sort(first[ids[first] >= 0]).tolist():
        fresh *= np.exp((when - row) / MEMORY)
        chance = (fresh + 1.0) / (MEMORY * -np.expm1(-row / MEMORY) + 2.0)
        if not train[row]:
            decades[row] = max(-np.log10(chance), 0.0)
            alert[row] = chance <= LINE_BAR
        fresh, when = fresh + 1.0, row
    return decades, alert


def _by_session(sessions: Ints, ids: Ints, train: Flags) -> tuple[Floats, Flags]:
    decades, alert = np.zeros(len(ids)), np.zeros(len(ids), np.bool_)
    inside = np.flatnonzero(sessions >= 0)
    rows = [inside[run] for run in runs(sessions[inside], inside.astype(np.float64))] if len(inside) else []
    model = Sequences(trusted=bool(train.any()))
    end = len(ids) - _longest_pause(rows)
    for run in sorted(rows, key=lambda run: int(run[-1])):
        last, steps = int(run[-1]), ids[run][ids[run] >= 0].tolist()
        shape = shape_of(steps)
        if train[run].any():
            model.learn(shape, steps)
            continue
        verdict = model.score(shape, steps)
        told = last <= end or verdict.reason not in OF_WHOLE
        if told:
            decades[last], alert[last] = verdict.decades, verdict.alert
        if not (told and verdict.alert):
            model.learn(shape, steps)
    return decades, alert


def _longest_pause(sessions: list[Ints]) -> int:
    """Return after how many rows a session goes on at the latest, in all but one of a hundred; 0 if they are whole."""
    pauses = [int(np.diff(run).max()) for run in sessions if len(run) > 1]
    longest = int(np.quantile(pauses, PAUSES, method="higher")) if pauses else 1
    return longest + 1 if longest > 1 else 0
