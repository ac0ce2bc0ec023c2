"""Example records: the same ones, in the same order, however requests and lines came in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from vedette.features.names import Names
from vedette.features.samples import MAX_SAMPLES, SHOWN, Samples, best
from vedette.records import schema
from vedette.state.codec import decode, encode

TIME = 1_790_000_000_000_000_000


def records(count: int) -> pa.RecordBatch:
    """Return records of one time, told apart by their path and body."""
    names = [schema.TIME, schema.PATH, schema.BODY]
    words = [f"{number:03d}" for number in range(count)]
    columns = [
        pa.array([TIME] * count).cast(schema.TIME_TYPE),
        pa.array([f"/{word}" for word in words]),
        pa.array(words),
    ]
    return pa.RecordBatch.from_arrays(columns, names=names)


def offered(count: int, cut: int) -> Samples:
    """Offer records batch by batch, first as requests and then as lines, as the extractor does."""
    samples, whole = Samples(), records(count)
    for start in range(0, count, cut):
        part = whole.slice(start, cut)
        rows = np.arange(start, start + len(part))
        same = np.zeros(len(part), np.int64)
        samples.offer(part, same, same, np.full(len(part), -1), 200.0 + 100.0 * (rows % 3), Names())
        samples.offer(part, same, same, rows, np.full(len(part), np.nan), None)
    return samples


@pytest.mark.parametrize("cut", [1, 7, 50])
def test_what_is_told_does_not_depend_on_cuts(cut: int) -> None:
    whole = best(offered(50, 50).take(1)[0], [0], "")
    assert len(whole) == SHOWN
    assert best(offered(50, cut).take(1)[0], [0], "") == whole


def test_requests_and_lines_have_room_of_their_own() -> None:
    pages = offered(50, 1).take(1)[0]
    kept = [int(page.status[row]) for page in pages for row in range(len(page.segment))]
    assert kept.count(0) == MAX_SAMPLES
    assert {200, 300, 400} <= set(kept)


def test_a_restart_keeps_them() -> None:
    samples, again = offered(20, 7), Samples()
    again.restore(decode(encode(samples.snapshot())))
    assert best(again.take(1)[0], [0], "") == best(samples.take(1)[0], [0], "")
