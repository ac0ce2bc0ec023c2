"""Alerts of other tools, one a kind, host and window: a flood of one is one, with a count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.columns import labels
from vedette.features.marks import entities_of
from vedette.features.registry import Slots
from vedette.kernels.ints import distinct
from vedette.records import schema
from vedette.records.alert import Alert
from vedette.records.segment import Segment
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

MOST: Final = 5000
"""Kinds of alerts on hosts kept of one window; what is beyond is counted."""


class Alerts:
    """Open windows, with the alerts of each. What is kept does not depend on how the stream was cut."""

    def __init__(self, segments: Slots[Segment]) -> None:
        self._segments = segments
        self._open: dict[int, dict[tuple[Segment, str, str], Alert]] = {}
        self.refused = 0
        """Alerts beyond `MOST`."""

    def take(
        self,
        columns: pa.RecordBatch,
        window: Ints,
        service: Ints,
        stamps: Ints,
        name: Ints,
        text: Callable[[int], str],
    ) -> None:
        """Take in log lines; `name` is the number of each one's kind, which `text` gives in words."""
        urgency = labels(columns, schema.ALERT)
        rows = np.flatnonzero(urgency.present & (service >= 0) & (name >= 0))
        if not len(rows):
            return
        rows = rows[np.argsort(stamps[rows], kind="stable")]
        host = labels(columns, schema.HOST)
        places = np.array([_place(value) for value in urgency.values], np.int64)[urgency.codes[rows]]
        _, which = distinct(window[rows])
        key = ((which * (int(service.max()) + 1) + service[rows]) * (int(name.max()) + 1) + name[rows]) * (
            len(host.values) + 1
        ) + (host.codes[rows] + 1)
        firsts, group = distinct(key)
        count = np.bincount(group, minlength=len(firsts)).tolist()
        worst = np.zeros(len(firsts), np.int64)
        np.maximum.at(worst, group, places)
        chosen = rows[firsts]
        user, client = (labels(columns, column).take(chosen) for column in (schema.USER, schema.CLIENT))
        for place, row in enumerate(chosen.tolist()):
            who = entities_of(_value(user.values, user.codes[place]), _value(client.values, client.codes[place]))
            where, kind = self._segments.keys[int(service[row])], text(int(name[row]))
            machine = _value(host.values, host.codes[row]) or ""
            alert = Alert(int(stamps[row]), where, machine, kind, int(worst[place]), count[place], who)
            self._note(int(window[row]), alert)

    def _note(self, start: int, alert: Alert) -> None:
        held = self._open.setdefault(start, {})
        key = (alert.segment, alert.name, alert.host)
        before = held.get(key)
        if before is None and len(held) >= MOST:
            self.refused += alert.count
            return
        if before is not None:
            first = before if before.time <= alert.time else alert
            alert = replace(first, urgency=max(before.urgency, alert.urgency), count=before.count + alert.count)
        held[key] = alert

    def close(self, open_from: int) -> dict[int, list[Alert]]:
        """Remove and return the alerts of windows before `open_from`, in order of time."""
        due = sorted(start for start in self._open if start < open_from)
        return {start: sorted(self._open.pop(start).values(), key=lambda one: one.order) for start in due}

    def snapshot(self) -> Tree:
        """Return the open windows as JSON-able rows."""
        held = [[start, [one.row() for one in kept.values()]] for start, kept in self._open.items()]
        return {"open": held, "refused": self.refused}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._open, self.refused = {}, int(tree["refused"])
        for start, rows in tree["open"]:
            alerts = [Alert.of(row) for row in rows]
            self._open[start] = {(one.segment, one.name, one.host): one for one in alerts}


def _place(word: str) -> int:
    """Return the place of an urgency; that of ``medium`` for what is none."""
    return schema.URGENCIES.index(word if word in schema.URGENCIES else "medium")


def _value(values: list[str], code: int) -> str | None:
    return values[code] if code >= 0 else None
