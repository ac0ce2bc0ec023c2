"""Services whose numbers follow their load: what of it is told where nothing is wrong, and where only the relation is.

Windows are fed to the detectors and the decision room as in `bench.contract`. Each service has requests with the rhythm
of a day and unrest, CPU and logs that follow them, latency that grows with CPU, memory that does not care, and a backup
at night that takes CPU from nobody's requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.contract import RESOLVE, Told, rate
from bench.ordinary import MINUTE, MINUTES, START, Nothing
from vedette.decision.decide import Decider
from vedette.decision.said import Said
from vedette.detectors.baseline import Baseline
from vedette.detectors.together import JointWatch
from vedette.records.feature import feature_of
from vedette.records.finding import Finding
from vedette.records.observation import Measures, Occurrences, Series
from vedette.records.score import Scores
from vedette.records.segment import Segment
from vedette.records.window import Window

Floats = NDArray[np.float64]

SERVICES: Final = 10
DAYS: Final = 5
SEEDS: Final = (2, 3, 4)
"""Constants were chosen on seed 1."""
LASTS: Final = 20
"""Minutes of a fault."""
NAMES: Final = ("requests", "latency_p95_seconds", "logs", "metric: cpu", "metric: memory")
FAULTS: Final = {"cpu": (0.85, 1.3, 1.0), "latency": (0.85, 1.0, 1.7), "requests": (0.7, 1.15, 1.1)}
"""What requests, CPU and latency are multiplied by: each within what its hour brings."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to a service: from a minute since the start on, for `LASTS` minutes."""

    service: int
    minute: int
    kind: str


class Load:
    """Services that follow their load, a window a minute.

    Parameters
    ----------
    services
        How many.
    seed
        Of all chance.
    faults
        What is wrong, if anything.
    """

    def __init__(self, services: int = SERVICES, seed: int = 1, faults: tuple[Fault, ...] = ()) -> None:
        self._rng = rng = np.random.default_rng(seed)
        self.segments = [Segment("", f"service{number}", "") for number in range(services)]
        self.series = [feature_of(name).series(one, name) for one in self.segments for name in NAMES]
        self._rate, self._phase = rng.uniform(100, 600, services), rng.uniform(0, MINUTES, services)
        self._backup, self._unrest = rng.integers(0, MINUTES, services), np.zeros(services)
        self._faults = faults

    def windows(self, days: int) -> Iterator[Window]:
        """Yield the windows of so many days."""
        for minute in range(days * MINUTES):
            yield self._window(minute, self._values(minute))

    def _values(self, minute: int) -> Floats:
        rng, count = self._rng, len(self.segments)
        self._unrest = 0.98 * self._unrest + rng.normal(0.0, 0.03, count)
        rhythm = 0.5 * np.sin(2 * np.pi * (minute - self._phase) / MINUTES)
        wrong = np.ones((3, count))
        for fault in self._faults:
            if fault.minute <= minute < fault.minute + LASTS:
                wrong[:, fault.service] = FAULTS[fault.kind]
        load = np.exp(rhythm + self._unrest)
        requests = rng.poisson(self._rate * load * wrong[0])
        backup = 15.0 * ((minute - self._backup) % MINUTES < 20)
        cpu = (8.0 + 22.0 * load + backup) * wrong[1] * rng.lognormal(0.0, 0.04, count)
        latency = 0.2 * (1.0 + cpu / 50.0) * wrong[2] * rng.lognormal(0.0, 0.06, count)
        logs = rng.poisson(3.0 * requests)
        memory = 400.0 + 20.0 * np.sin(minute / 300.0 + self._phase) + rng.normal(0.0, 4.0, count)
        return np.stack([requests, latency, logs, cpu, memory], axis=1).ravel()

    def _window(self, minute: int, values: Floats) -> Window:
        start, none = START + minute * MINUTE, np.zeros(0, np.int64)
        series: list[Series] = self.series if minute == 0 else []
        slot = np.arange(len(self.series), dtype=np.int32)
        measures = Measures(start, MINUTE, slot, values, np.repeat(values[:: len(NAMES)], len(NAMES)))
        items = Occurrences(start, MINUTE, none.astype(np.int32), none.astype(np.uint64), none)
        return Window(start, MINUTE, series, [], measures, items, Nothing())


def told(windows: Iterable[Window], joint: bool = True, ceiling: float = 1.0) -> tuple[Told, list[Finding]]:
    """Return what is told of windows, with or without the judge of numbers that go together, and all findings."""
    baseline, watch, decide = Baseline(), JointWatch(), Decider(ceiling, RESOLVE)
    notes, none = Told(), np.zeros(0)
    findings: list[Finding] = []
    nothing = Scores(none.astype(np.int8), none, none, none, none, none)
    for window in windows:
        baseline.grow(window.series)
        measured = baseline.score(window.measures)
        said = Said()
        if joint:
            watch.grow(window.series)
            teaches = np.ones(len(measured.state), np.bool_)
            said = Said(together=watch.take(window.measures, measured, teaches))
        decision = decide.step(window, measured, nothing, said=said)
        notes.note(decision.incidents)
        findings += decision.findings
        baseline.learn(window.measures, measured.surprise)
    return notes, findings


def faults(days: int, seed: int, services: int = SERVICES) -> tuple[Fault, ...]:
    """Return a fault of each service on each day but the first three, its kinds in turn."""
    rng, kinds = np.random.default_rng(seed), list(FAULTS)
    return tuple(
        Fault(service, day * MINUTES + int(rng.integers(0, MINUTES - 60)), kinds[(day + service) % len(kinds)])
        for day in range(3, days)
        for service in range(services)
    )


def found(load: Load, injected: tuple[Fault, ...], findings: list[Finding]) -> dict[str, float]:
    """Return by kind the share of faults during which their service has a finding."""
    hits: dict[str, list[bool]] = {kind: [] for kind in FAULTS}
    spans: dict[Segment, list[int]] = {}
    for one in findings:
        spans.setdefault(one.segment, []).append(one.start)
    for fault in injected:
        begin = START + fault.minute * MINUTE
        times = spans.get(load.segments[fault.service], [])
        hits[fault.kind].append(any(begin <= time < begin + (LASTS + 3) * MINUTE for time in times))
    return {kind: round(float(np.mean(hit)), 3) for kind, hit in hits.items()}


def run(data: Path) -> dict[str, Any]:
    """Return incidents a day of ordinary services and the share of faults found, without and with the judge."""
    del data
    out: dict[str, Any] = {"services": SERVICES, "days": DAYS - 1, "seeds": len(SEEDS)}
    for joint in (False, True):
        quiet = [told(Load(seed=seed).windows(DAYS), joint)[0] for seed in SEEDS]
        hits = []
        for seed in SEEDS:
            injected = faults(DAYS, seed)
            load = Load(seed=seed, faults=injected)
            hits.append(found(load, injected, told(load.windows(DAYS), joint)[1]))
        out["with" if joint else "without"] = {
            "ordinary": rate(sum(len(one.incidents) for one in quiet), len(SEEDS) * (DAYS - 1)),
            "found": {kind: round(float(np.mean([hit[kind] for hit in hits])), 3) for kind in FAULTS},
        }
    return out
