"""Orders whose lines carry a trace or a session: steps missing, too many or swapped are told; ordinary days are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from tests.scenario.story import END, KEY, Story, as_bytes, cut, interrupted

from vedette.assembly import make_entry
from vedette.config.load import load
from vedette.records import schema
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.schema import Signal
from vedette.records.time import SECOND, from_rfc3339

MINUTES, FAULT, LASTS = 560, 500, 10
"""Length, and when and for how long one session in five is strange."""

RATE = 20
STEPS = (
    "received order {} for {} items",
    "reserved stock for order {}",
    "charged card for order {}",
    "confirmed order {}",
)

Odd = Callable[[list[str]], list[str]]

GROUPS: dict[str, Callable[[list[bytes]], pa.Array]] = {
    schema.TRACE_ID: lambda ids: pa.array(ids, schema.TRACE),
    schema.SESSION: lambda ids: pa.array([one.hex() for one in ids]).dictionary_encode(),
}


def rows(odd: Odd, seed: int = 1) -> Iterator[tuple[float, bytes, str]]:
    """Yield time, trace and line; one order in ten is tried again, one in 500 is declined."""
    rng = np.random.default_rng(seed)
    for minute in range(MINUTES):
        for number in range(rng.poisson(RATE)):
            time, trace, order = END + minute * 60 + rng.uniform(0, 60), rng.bytes(16), int(rng.integers(10**6))
            steps, luck = list(STEPS), rng.random()
            if luck < 0.1:
                steps.insert(2, "retrying card for order {}")
            if luck > 0.998:
                steps[2:] = ["card declined for order {}"]
            if FAULT <= minute < FAULT + LASTS and number % 5 == 0:
                steps = odd(steps)
            for place, step in enumerate(steps):
                yield time + 0.3 * place, trace, step.format(order, number % 9)


@cache
def telemetry(odd: Odd, by: str = schema.TRACE_ID) -> SafeBatch:
    """Return the lines in order of time, protected; `by` holds what groups them."""
    lines = sorted(rows(odd), key=lambda row: row[0])
    columns = {
        schema.TIME: pa.array([int(time * 1e9) for time, _, _ in lines]).cast(schema.TIME_TYPE),
        schema.SERVICE: pa.array(["orders"] * len(lines)).dictionary_encode(),
        schema.BODY: pa.array([line for *_, line in lines]),
        by: GROUPS[by]([trace for _, trace, _ in lines]),
    }
    return make_entry(load(None), KEY)(RawBatch(Signal.LOG, pa.RecordBatch.from_pydict(columns)))


def told(odd: Odd, size: int = 5000, restart: int = 0, by: str = schema.TRACE_ID) -> Story:
    """Return what is told of the lines, cut into chunks of `size`; every `restart` chunks the shard is restored."""
    return interrupted(cut(telemetry(odd, by), size), lambda number: restart > 0 and number % restart == 0)


def ordinary(steps: list[str]) -> list[str]:
    return steps


def uncharged(steps: list[str]) -> list[str]:
    return [step for step in steps if "charged" not in step]


def swapped(steps: list[str]) -> list[str]:
    return [steps[1], steps[0], *steps[2:]]


def twice(steps: list[str]) -> list[str]:
    return [*steps, steps[-1]]


def test_ordinary_sessions_are_no_incident() -> None:
    assert told(ordinary).findings == []


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (uncharged, "lacks “charged card for order <*>”"),
        (swapped, "goes from “reserved stock for order <*>” to “received order <*> for <*> items”"),
        (twice, "has “confirmed order <*>” 2 times"),
    ],
)
def test_strange_sessions_are_one_incident_that_says_why(odd: Odd, words: str) -> None:
    story = told(odd)
    (incident,) = story.fired
    assert incident["title"].startswith("orders: a session ")
    assert any(f"a session {words}" in part["text"] for part in incident["explanation"]["contributions"])
    assert incident["explanation"]["evidence"][0].startswith("1. ")
    assert {one["detector"] for one in story.findings} == {"sequence"}
    assert from_rfc3339(incident["started_at"]) <= (END + 60 * (FAULT + 4)) * SECOND


def test_a_session_id_does_what_a_trace_does() -> None:
    (incident,) = told(uncharged, by=schema.SESSION).fired
    assert incident["title"].startswith("orders: a session lacks “charged card for order <*>”")
    assert told(ordinary, by=schema.SESSION).findings == []


def test_neither_cuts_nor_restarts_change_a_byte() -> None:
    once = as_bytes(told(uncharged))
    assert once == as_bytes(told(uncharged, 700)) == as_bytes(told(uncharged, 5000, restart=2))
