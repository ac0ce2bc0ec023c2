"""Thousands of services that nothing joins deviate in one window: what it costs to give each its incident."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.ordinary import Nothing
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.records.finding import Finding, Kind
from vedette.records.observation import Measures, Occurrences
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window

SIZES: Final = (250, 1000, 4000)
WINDOWS: Final = 4
MINUTE: Final = 60 * SECOND


def run(data: Path) -> dict[str, Any]:
    """Return the CPU time of a finding's window, by the number of services; `data` is not needed."""
    del data
    return {f"cpu_ms_a_finding_{size}": round(_each(size) * 1e3, 3) for size in SIZES}


def _each(size: int) -> float:
    """Return the CPU seconds that a finding costs where so many services deviate in each of some windows."""
    life, places = Lifecycle(Rules(15 * MINUTE)), [Segment("prod", f"service-{one}", "") for one in range(size)]
    begin = time.process_time()
    for minute in range(WINDOWS):
        told = life.step(_window(minute), [_finding(minute, place) for place in places])
        if len(told) != size:
            raise RuntimeError(f"{len(told)} incidents for {size} services")
    return (time.process_time() - begin) / (size * WINDOWS)


def _window(minute: int) -> Window:
    none, start = np.zeros(0), minute * MINUTE
    measures = Measures(start, MINUTE, none.astype(np.int32), none, none)
    occurrences = Occurrences(start, MINUTE, none.astype(np.int32), none.astype(np.uint64), none.astype(np.int64))
    return Window(start, MINUTE, (), (), measures, occurrences, Nothing())


def _finding(minute: int, place: Segment) -> Finding:
    return Finding(
        detector="baseline",
        segment=place,
        feature="latency_p95_seconds",
        kind=Kind.SECURITY,
        start=minute * MINUTE,
        end=(minute + 1) * MINUTE,
        actual=1.84,
        expected=0.35,
        lower=0.29,
        upper=0.405,
        p_value=1e-12,
        surprise=12.0,
        threshold=1e-6,
        counterfactual=0.405,
        unit="s",
    )
