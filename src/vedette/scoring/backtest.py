"""What rules would have matched in events that are there already, before anybody is paged by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from vedette.rules.correlate import Correlator
from vedette.rules.match import Matcher
from vedette.rules.model import RuleSet, Source
from vedette.scoring.events import columns_of, correlated, times_of

DAY: Final = 86_400.0
LEAST: Final = 3600.0
"""Seconds that events are taken to span at least, so that a handful gives no thousands a day."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """What rules found in events.

    ``matches`` are by rule's id, of a correlation as often as it fired; rules that are only part of a correlation have
    none. ``days`` is the time between the first and the last event. ``untried`` are the rules that no event was for.
    """

    events: int
    days: float
    matches: Mapping[str, int]
    untried: frozenset[str]


def backtest(parts: Iterable[pa.Table], rules: RuleSet) -> Backtest:
    """Return what rules find in tables of events.

    Parameters
    ----------
    parts
        In order of time; each as `vedette.scoring.events.score_events` takes it, or as the event store keeps it.
    rules
        Those to try.

    Notes
    -----
    The event store holds what passed the privacy gate: rules about query strings, command lines or addresses find
    nothing there, though they were tried. Events in the source's own form show what such rules find.
    """
    matcher, correlator = Matcher(rules), Correlator(rules)
    matches, sources = Counter[str](), set[Source]()
    events, times = 0, list[float]()
    for part in parts:
        columns = columns_of(part, matcher)
        moments = times_of(columns)
        times += [min(moments), max(moments)] if moments else []
        events += columns.num_rows
        sources |= matcher.sources(columns)
        hits = matcher.match(columns)
        heads = [rules.rules[number].head for number in hits.rules.tolist()]
        heads += [head for _, head in correlated(matcher, correlator, columns, hits, moments)]
        matches.update(head.id for head in heads if head.told)
    span = max(times) - min(times) if times else 0.0
    untried = frozenset(rule.head.id for rule in rules.rules if rule.source not in sources)
    return Backtest(events, max(span, LEAST) / DAY, matches, untried)
