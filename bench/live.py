"""Root cause in the live shard on Nezha: the spans of ``python -m bench traces`` through features, baseline, decision.

The measures are those of `bench.traces`: AC@k over the mean share of suspicion in the windows that begin within four
minutes after the injection. A suspected way counts half for each of its ends. Also what the shard needs for a span of a
dense stream, and what of it is for own times and ways: the difference to the same spans without identifiers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from bench.traces import by_type, ranks_of, read_faults, read_spans, with_status
from vedette.assembly import make_shard
from vedette.config.load import load
from vedette.journal.log import Chunk
from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy, Treatment
from vedette.records import schema
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.call import call_of
from vedette.records.schema import Signal
from vedette.records.segment import Segment
from vedette.records.time import SECOND

READY: Final = "10m"
"""Nezha's corpora last hours, with faults from the first minutes on; the product asks for two hours of history."""

TRACES: Final = 40_000
MINUTES: Final = 4
SPANS: Final = 6
"""Of the dense stream: traces in so many minutes, and spans of each, a chain of calls."""


def run(data: Path) -> dict[str, Any]:
    """Return AC@1 and AC@3 by corpus, without and with error lines as status, and microseconds a span."""
    found = {name: _corpus(data / "traces", name) for name in ("ob", "tt")}
    return {**found, "us_a_span": cost(dense())}


def _corpus(folder: Path, name: str) -> dict[str, Any]:
    spans, faults = read_spans(folder, name), read_faults(folder, name)
    plain, logged = (ranks_of(suspected(table), faults) for table in (spans, with_status(spans, folder, name)))
    return {
        **_shares(plain),
        "with_error_logs": _shares(logged),
        "faults": len(plain),
        "suspected": sum(rank > 0 for rank in plain),
        "ranks": by_type(plain, faults["type"].to_list()),
    }


def suspected(spans: pl.DataFrame) -> pl.DataFrame:
    """Return ``t, service, root_score`` by window as `bench.traces` ranks them."""
    shard = make_shard(load(None, overrides={"learning.ready_after": READY}))
    rows: list[tuple[float, str, float]] = []
    for number, batch in enumerate(_batches(spans), 1):
        shard.step(Chunk(number, None, (batch,)))
        at = (shard.extract.watermark.open_from - shard.extract.watermark.width) / SECOND
        rows += [(at, service, share) for service, share in _by_service(shard.decide.roots)]
    return pl.DataFrame(rows, schema=["t", "service", "root_score"], orient="row")


def dense(seed: int = 7) -> pl.DataFrame:
    """Return a busy stream: chains of calls through ten services, client and server spans in turn."""
    rng = np.random.default_rng(seed)
    level = np.tile(np.arange(SPANS), TRACES)
    first = np.repeat(rng.integers(0, 10, TRACES), SPANS)
    span = np.arange(TRACES * SPANS)
    return pl.DataFrame(
        {
            "trace_id": span // SPANS,
            "span_id": span,
            "parent_span_id": np.where(level > 0, span - 1, -1),
            "service": [f"service-{number}" for number in ((first + (level + 1) // 2) % 10).tolist()],
            "name": [f"GET /{number}" for number in ((level + 1) // 2).tolist()],
            "t": 1.7e9 + np.repeat(np.sort(rng.random(TRACES)) * 60.0 * MINUTES, SPANS) + 0.001 * level,
            "duration_ms": 2.0 * (SPANS - level) + rng.random(len(level)),
        }
    )


def cost(spans: pl.DataFrame) -> dict[str, float]:
    """Return CPU microseconds a span in the shard, in all and for own times and ways; the least of three runs."""
    whole, bare = (min(_seconds(spans, ids) for _ in range(3)) / len(spans) * 1e6 for ids in (True, False))
    return {"shard": round(whole, 2), "own_times_and_ways": round(whole - bare, 2)}


def _seconds(spans: pl.DataFrame, ids: bool) -> float:
    shard, batches = make_shard(load(None)), list(_batches(spans))
    if not ids:
        without = [schema.SPAN_ID, schema.PARENT_SPAN_ID]
        batches = [SafeBatch(one.signal, one.columns.drop_columns(without)) for one in batches]
    before = time.process_time()
    for number, batch in enumerate(batches, 1):
        shard.step(Chunk(number, None, (batch,)))
    return time.process_time() - before


def _by_service(roots: dict[Segment, float]) -> Iterator[tuple[str, float]]:
    for place, share in roots.items():
        call = call_of(place)
        ends = [place] if call is None else [call.caller, call.callee]
        yield from ((end.service, share / len(ends)) for end in ends)


def _batches(spans: pl.DataFrame) -> Iterator[SafeBatch]:
    """Yield the spans as they come in: by the minute in which they ended, whole minutes at once."""
    end = pl.col("t") + pl.col("duration_ms").fill_null(0.0) / 1e3
    ordered = spans.with_columns(minute=(end // 60).cast(pl.Int64)).sort("minute", maintain_order=True)
    gate = Gate(Policy(dict.fromkeys(schema.EVENT_COLUMNS, Treatment.KEEP)), bytes(32))
    for part in ordered.partition_by("minute"):
        yield gate.protect(RawBatch(Signal.SPAN, _columns(part)))


def _columns(spans: pl.DataFrame) -> pa.RecordBatch:
    failed = spans["status"] if "status" in spans.columns else pl.Series([None] * len(spans), dtype=pl.String)
    columns = {
        schema.TIME: pa.array((spans["t"] * 1e9).cast(pl.Int64).to_numpy(), pa.int64()).cast(schema.TIME_TYPE),
        schema.SERVICE: _label(spans["service"]),
        schema.SPAN_NAME: _label(spans["name"]),
        schema.DURATION: pa.array((spans["duration_ms"] / 1e3).to_numpy()),
        schema.ERROR_TYPE: _label(failed),
        schema.TRACE_ID: _ids(spans["trace_id"], 16),
        schema.SPAN_ID: _ids(spans["span_id"], 8),
        schema.PARENT_SPAN_ID: _ids(spans["parent_span_id"], 8),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _label(texts: pl.Series) -> pa.DictionaryArray:
    return pa.array(texts.to_list(), pa.string()).dictionary_encode()


def _ids(numbers: pl.Series, size: int) -> pa.Array:
    """Return the corpus' numbers of traces and spans as identifiers; below 0 is none."""
    return pa.array([(one + 1).to_bytes(size, "big") if one >= 0 else None for one in numbers], pa.binary(size))


def _shares(ranks: list[int]) -> dict[str, float]:
    return {f"ac{most}": round(sum(1 <= rank <= most for rank in ranks) / len(ranks), 3) for most in (1, 3)}
