"""A great many series at one sample a minute: what the bank alone and the whole shard need of a core, and memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vedette.assembly import make_shard
from vedette.config.schema import Config
from vedette.detectors.baseline import HOUR, Baseline
from vedette.journal.log import Chunk
from vedette.kernels import settle
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.records.observation import Direction, Measures, Quantity, Series
from vedette.records.schema import LABEL, Signal, columns_of
from vedette.records.segment import Segment

SERIES: Final = 1_000_000
SHARD_SERIES: Final = 100_000
"""Series that go through the whole shard; its costs are given by the series."""
PER_SERVICE: Final = 100
MINUTE: Final = 60
START: Final = 1_767_571_200
WINDOWS: Final = 16
WARM: Final = 12
"""Windows until every series is judged, and all room is made."""
BATCH: Final = 10_000


def run(data: Path) -> dict[str, Any]:
    """Return CPU seconds a minute of telemetry, the share of one core, and bytes a series. `data` is not needed."""
    del data
    seconds, size = bank()
    shard_seconds, grown = shard()
    return {
        "series": SERIES,
        "bank_cpu_seconds_a_minute": round(seconds, 2),
        "bank_share_of_a_core": round(seconds / MINUTE, 4),
        "bank_bytes_a_series": round(size / SERIES),
        "shard_series": SHARD_SERIES,
        "shard_cpu_us_a_sample": round(1e6 * shard_seconds / SHARD_SERIES, 1),
        "shard_share_of_a_core_at_a_million": round(shard_seconds / SHARD_SERIES * SERIES / MINUTE, 3),
        "shard_resident_bytes_a_series": round(grown / SHARD_SERIES),
    }


def bank() -> tuple[float, int]:
    """Judge and learn every series once a minute, in random order; return CPU seconds of a minute and bytes held."""
    rng = np.random.default_rng(3)
    detector = Baseline(ready_after=HOUR / 6)
    detector.grow([Series(Segment("", "shop", ""), "x", Quantity.GAUGE, Direction.BOTH, 0.1)] * SERIES)
    spent = []
    for step in range(WINDOWS):
        slots = rng.permutation(SERIES).astype(np.int32)
        values = rng.normal(10, 1, SERIES)
        window = Measures((START + MINUTE * step) * 10**9, MINUTE * 10**9, slots, values, np.ones(SERIES))
        begin = process_time()
        detector.learn(window, detector.score(window).surprise)
        spent.append(process_time() - begin)
    return float(np.median(spent[WARM:])), detector.nbytes


def shard() -> tuple[float, int]:
    """Take gauges of a hundred series a service through the shard; return CPU seconds a minute and resident bytes."""
    config = Config()
    config = replace(config, features=replace(config.features, max_segments=SHARD_SERIES // 8))
    whole, rng, spent = make_shard(config), np.random.default_rng(4), []
    settle()
    before = _resident()
    for step in range(WINDOWS):
        chunks = [Chunk(step, None, (batch,)) for batch in _minute(step, rng)]
        begin = process_time()
        for chunk in chunks:
            whole.step(chunk)
        spent.append(process_time() - begin)
    return float(np.median(spent[WARM:])), _resident() - before


def _minute(step: int, rng: np.random.Generator) -> list[SafeBatch]:
    """Return one sample of each series, a batch for ten thousand."""
    types = columns_of(Signal.METRIC)
    batches = []
    for first in range(0, SHARD_SERIES, BATCH):
        series = np.arange(first, first + BATCH)
        moment = (START + MINUTE * step) * 10**9 + series * (MINUTE * 10**9 // SHARD_SERIES)
        columns = {
            schema.TIME: pa.array(moment).cast(types[schema.TIME]),
            schema.SERVICE: _labels(series // PER_SERVICE, "service-{}"),
            schema.METRIC_NAME: _labels(series % PER_SERVICE, "metric.number.{}"),
            schema.METRIC_KIND: _labels(series * 0, "gauge"),
            schema.METRIC_VALUE: pa.array(rng.normal(10, 1, BATCH)),
        }
        batches.append(SafeBatch(Signal.METRIC, pa.RecordBatch.from_pydict(columns)))
    return batches


def _labels(numbers: np.ndarray[Any, np.dtype[np.int64]], form: str) -> pa.Array:
    return pa.array([form.format(number) for number in numbers.tolist()]).dictionary_encode().cast(LABEL)


def _resident() -> int:
    """Return resident memory now, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
