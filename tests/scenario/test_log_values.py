"""A new exit code and a line that no longer comes are told of a service's log; an ordinary day is not."""

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

MINUTES, FAULT, LASTS = 700, 600, 12

Odd = Callable[[int, list[str]], list[str]]
"""Lines of a minute of the fault, by its number, to what they become."""


def minute(rng: np.random.Generator) -> list[str]:
    """Return the lines of a minute: workers that end, pumps with states, and reads, whose numbers say nothing."""
    codes = rng.choice([0, 0, 0, 0, 0, 1, 2], rng.poisson(10))
    states = rng.choice(["idle", "running", "draining"], rng.poisson(10))
    return [
        *(f"worker {rng.integers(10**6)} exited with code {code}" for code in codes),
        *(f"pump {rng.integers(6)} at level={state}" for state in states),
        *(f"read {rng.zipf(1.5)} bytes in {rng.exponential(30):.0f}ms" for _ in range(rng.poisson(20))),
    ]


def rows(odd: Odd) -> Iterator[tuple[float, str]]:
    rng = np.random.default_rng(4)
    for number in range(MINUTES):
        lines = minute(rng)
        if FAULT <= number < FAULT + LASTS:
            lines = odd(number - FAULT, lines)
        for line in lines:
            yield END + 60 * number + float(rng.uniform(0, 60)), line


@cache
def telemetry(odd: Odd) -> SafeBatch:
    lines = sorted(rows(odd))
    columns = {
        schema.TIME: pa.array([int(time * 1e9) for time, _ in lines]).cast(schema.TIME_TYPE),
        schema.SERVICE: pa.array(["plant"] * len(lines)).dictionary_encode(),
        schema.BODY: pa.array([line for _, line in lines]),
    }
    return make_entry(load(None), KEY)(RawBatch(Signal.LOG, pa.RecordBatch.from_pydict(columns)))


def told(odd: Odd, size: int = 5000, restart: int = 0) -> Story:
    """Return what is told of the lines, cut into chunks of `size`; every `restart` chunks the shard is restored."""
    return interrupted(cut(telemetry(odd), size), lambda number: restart > 0 and number % restart == 0)


def ordinary(number: int, lines: list[str]) -> list[str]:
    del number
    return lines


def crashes(number: int, lines: list[str]) -> list[str]:
    return [f"worker {number} exited with code 139", *lines[1:]]


def crash(number: int, lines: list[str]) -> list[str]:
    return crashes(number, lines) if number == 0 else lines


def unread(number: int, lines: list[str]) -> list[str]:
    del number
    return [line for line in lines if not line.startswith("read")]


@pytest.mark.parametrize("odd", [ordinary, crash])
def test_ordinary_lines_and_one_new_value_are_no_incident(odd: Odd) -> None:
    assert told(odd).fired == []


@pytest.mark.parametrize(
    ("odd", "feature", "words"),
    [
        (crashes, "log_value", "a log line with a value not seen before, “worker <*> exited with code 139”"),
        (unread, "template_lines", "a log line no longer comes, “read <*> bytes in <*>”"),
    ],
)
def test_what_lasts_is_one_incident_that_names_the_line(odd: Odd, feature: str, words: str) -> None:
    (incident,) = told(odd).fired
    assert incident["title"] == f"plant: {words}"
    assert any(part["feature"].startswith(feature) for part in incident["explanation"]["contributions"])
    assert from_rfc3339(incident["started_at"]) <= (END + 60 * (FAULT + 6)) * SECOND


def test_neither_cuts_nor_restarts_change_a_byte() -> None:
    once = as_bytes(told(crashes))
    assert once == as_bytes(told(crashes, 700)) == as_bytes(told(crashes, 5000, restart=2))
