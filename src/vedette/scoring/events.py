"""Score single events of any source by rules: which Sigma rules match, and the techniques that they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa

from vedette.errors import BadInput
from vedette.records.attack import builtin
from vedette.rules.columns import texts
from vedette.rules.correlate import Correlator, Match
from vedette.rules.flat import table_of
from vedette.rules.load import own_rules
from vedette.rules.match import Hits, Matcher
from vedette.rules.model import LEVELS, Head, RuleSet
from vedette.rules.times import seconds_of

EVENT: Final = "event"
"""A column of this name holds whole events as JSON text; without it the columns are the fields."""
HOSTS: Final = ("Computer", "Hostname", "host.name", "ComputerName", "host", "recipientAccountId", "service.name")
TIMES: Final = ("UtcTime", "@timestamp", "TimeCreated", "time", "timestamp", "eventTime", "_time", "published", "ts")
"""Where events have their host and their time; the first that is there."""
HOLD: Final = 8 * 3600.0
"""Seconds without a match that end an episode on a host: a shift. On recorded attacks, an hour called 1.3 times in a
thousand events, a shift 0.9 times, a day 0.8 times."""
REPEATED: Final = "informational"
"""Level of a match whose rule was told on the same host within `HOLD`: it is kept, and nobody is called again."""
CALLS: Final = LEVELS.index("high")
JOINED: Final = "medium"
"""Level of a match that would call, on a host of which somebody was called within `HOLD`: it is part of that incident,
unless it is of a higher level."""
SCHEMA: Final = pa.schema(
    [("row", pa.int64()), ("rule", pa.string()), ("techniques", pa.list_(pa.string())), ("level", pa.string())]
)


def score_events(table: pa.Table, rules: RuleSet | None = None) -> pa.Table:
    """Return what rules find in events, in order of rows.

    Parameters
    ----------
    table
        A column ``event`` of JSON texts, each the source's own event, or a column for each field. A text that is no
        JSON object finds nothing.
    rules
        What `vedette.rules.load.load` returned; Vedette's own rules by default.

    Returns
    -------
    pa.Table
        One row a finding: ``row`` (of the event, from 0; of a correlation the event that completes it), ``rule`` (its
        Sigma id), ``techniques`` (with those that they are part of, and the ids that both had before ATT&CK 19),
        ``level``. Within `HOLD` of event time, a rule's further matches on a host are `REPEATED`, and other rules'
        high ones `JOINED`: one incident calls once.

    Raises
    ------
    BadInput
        If there is neither a column ``event`` nor one by which a log source is known.
    """
    known = own_rules() if rules is None else rules
    matcher = Matcher(known)
    columns = columns_of(table, matcher)
    hits = matcher.match(columns)
    times = times_of(columns)
    found = [(row, known.rules[rule].head) for row, rule in zip(hits.rows.tolist(), hits.rules.tolist(), strict=True)]
    found = [(row, head) for row, head in found if head.told]
    found += [(row, head) for row, head in correlated(matcher, Correlator(known), columns, hits, times) if head.told]
    found.sort(key=lambda one: one[0])
    return _findings(found, times, _first(columns, HOSTS))


def columns_of(table: pa.Table, matcher: Matcher) -> pa.Table:
    """Return events as a column a field; raises `BadInput` where no log source can be told from the columns."""
    if EVENT not in table.column_names:
        if table.num_columns and not matcher.knows(table.column_names):
            wanted = "event, or fields by which a log source is known, as Channel or http.request.method"
            raise BadInput("missing_column", detail=f"{wanted}; got {', '.join(table.column_names)}")
        return table
    return table_of([_event(text) for text in texts(table[EVENT]).to_pylist()])


def _event(text: str | None) -> Mapping[str, Any] | None:
    try:
        event = orjson.loads(text or "null")
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) else None


def _first(columns: pa.Table, names: Iterable[str]) -> list[str | None]:
    """Return each row's first value among some columns."""
    found: list[str | None] = [None] * columns.num_rows
    for name in names:
        if name in columns.column_names:
            found = [mine or theirs for mine, theirs in zip(found, texts(columns[name]).to_pylist(), strict=True)]
    return found


def times_of(columns: pa.Table) -> list[float]:
    """Return epoch seconds; a row without a time that can be read has that of the row before."""
    times: list[float] = []
    for text in _first(columns, TIMES):
        found = None if text is None else seconds_of(text)
        times.append((times[-1] if times else 0.0) if found is None else found)
    return times


def correlated(
    matcher: Matcher, correlator: Correlator, columns: pa.Table, hits: Hits, times: Sequence[float]
) -> list[tuple[int, Head]]:
    """Return the correlations that come true with a table's hits, and the row that makes them so."""
    if not matcher.rules.correlations:
        return []
    values = matcher.fields(columns, correlator.fields)
    matches = [
        Match(
            times[row], row, matcher.rules.rules[rule].head.id, {name: column[row] for name, column in values.items()}
        )
        for row, rule in zip(hits.rows.tolist(), hits.rules.tolist(), strict=True)
        if matcher.rules.rules[rule].head.id in correlator.wanted
    ]
    matches.sort(key=lambda match: match.time)
    return [(fired.row, fired.correlation.head) for fired in correlator.feed(matches)]


def _findings(found: Sequence[tuple[int, Head]], times: Sequence[float], hosts: Sequence[str | None]) -> pa.Table:
    levels = [head.level for _, head in found]
    last: dict[tuple[str, str | None], float] = {}
    called: dict[str | None, tuple[float, int]] = {}
    for place in np.argsort([times[row] for row, _ in found], kind="stable").tolist():
        row, head = found[place]
        time, host, rank = times[row], hosts[row], LEVELS.index(head.level)
        if time - last.get((head.id, host), -np.inf) < HOLD:
            levels[place] = REPEATED
        elif rank >= CALLS:
            before, loudest = called.get(host, (-np.inf, -1))
            if time - before < HOLD and rank <= loudest:
                levels[place] = JOINED
            else:
                loudest = rank
            called[host] = time, loudest
        last[head.id, host] = time
    return pa.table(
        {
            "row": [row for row, _ in found],
            "rule": [head.id for _, head in found],
            "techniques": [_known_as(head.techniques) for _, head in found],
            "level": levels,
        },
        schema=SCHEMA,
    )


def _known_as(techniques: Iterable[str]) -> list[str]:
    """Return techniques, those that they are part of, and the ids that either had in older releases of ATT&CK."""
    named = [one for technique in techniques for one in (technique, technique.partition(".")[0])]
    return list(dict.fromkeys([*named, *(former for one in named for former in _former().get(one, ()))]))


@lru_cache(maxsize=1)
def _former() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for former, now in builtin().revoked.items():
        found.setdefault(now, []).append(former)
    return found
