"""How urgent other tools call their alerts, in one scale: that of `vedette.records.schema.URGENCIES`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.decode.columns import Columns
from vedette.decode.fold import FALCO, JSON_ALIASES, PRIORITY, SURICATA, WAZUH, Alias
from vedette.kernels.cells import ABSENT
from vedette.records import schema
from vedette.records.texts import codes_of, label_column

WORDS: Final = {
    **dict.fromkeys(("critical", "emergency", "emerg", "alert", "fatal", "page", "disaster"), "critical"),
    **dict.fromkeys(("high", "error", "err", "major", "severe"), "high"),
    **dict.fromkeys(("low", "minor", "notice", "info", "informational", "information", "debug", "none", "ok"), "low"),
}
"""What tools say; any other word, or none, is ``medium``."""

WAZUH_LEVELS: Final = ((15, "critical"), (12, "high"), (7, "medium"), (0, "low"))
"""Least level of each, as Wazuh's own dashboard groups its 0 to 15."""
SURICATA_PRIORITIES: Final = {"1": "high", "2": "medium", "3": "low", "4": "low"}
"""Of rules' ``classtype``; 1 is the most urgent."""


def urgency_of(word: str) -> str:
    """Return what a tool's word means.

    >>> urgency_of("Emergency"), urgency_of("warning"), urgency_of("Notice"), urgency_of("")
    ('critical', 'medium', 'low', 'medium')
    """
    return WORDS.get(word.strip().lower(), "medium")


def urgencies(columns: Columns, given: pa.Array | None, severity: pa.Array | None) -> pa.Array | None:
    """Return each line's urgency, null for what is no alert of a tool; None where no line is one.

    Parameters
    ----------
    columns
        The lines.
    given, severity
        What they say of an alert, and their severities; label columns, None where no line has any.
    """
    told, name, priority = (_rank(columns, column) for column in (schema.ALERT, schema.BODY, schema.SEVERITY))
    own = np.isin(told, _OWN)
    kinds = (
        (own, given, urgency_of),
        (~own & (name == _rank_of(WAZUH)), given, _of_wazuh),
        (~own & (name == _rank_of(SURICATA)), given, _of_suricata),
        (~own & (name == _rank_of(FALCO)) & (priority == _rank_of(PRIORITY)), severity, urgency_of),
    )
    codes = np.full(len(columns), -1, np.int32)
    for rows, said, read in kinds:
        if rows.any():
            codes[rows] = _codes(said, read, len(columns))[rows]
    return label_column(codes, pa.array(schema.URGENCIES, pa.string())) if (codes >= 0).any() else None


def _codes(said: pa.Array | None, read: Callable[[str], str], size: int) -> NDArray[np.int32]:
    """Return the place of each row's urgency among all, read once for each distinct word."""
    words = [] if said is None else said.dictionary.to_pylist()
    places = np.array([schema.URGENCIES.index(read(word)) for word in (*words, "")], np.int32)
    return np.full(size, places[-1]) if said is None else places[codes_of(said)]


def _of_suricata(priority: str) -> str:
    return SURICATA_PRIORITIES.get(priority, "medium")


def _of_wazuh(level: str) -> str:
    if not (level.isascii() and level.isdigit()):
        return "medium"
    return next(word for least, word in WAZUH_LEVELS if int(level[:9]) >= least)


def _rank_of(alias: Alias) -> int:
    return JSON_ALIASES.index(alias)


def _rank(columns: Columns, name: str) -> NDArray[np.int16]:
    """Return the rank of the name that each line has a column under; -1 where it has none."""
    number = columns.names.index(name)
    rank = columns.cells.rank[number].astype(np.int16)
    return np.where(columns.cells.kind[number] == ABSENT, np.int16(-1), rank)


_OWN: Final = [rank for rank, alias in enumerate(JSON_ALIASES) if ".".join(alias.path) == schema.ALERT]
"""Ranks of the name by which any tool says that a line is its alert."""
