"""The error contract: false incidents a day against the ceiling, on ordinary traffic and real KPIs; power on faults.

Windows are fed to the shard's detectors and its decision room; decoding and the features room are left out, as sixty
days of single events would take hours. The detectors score each window once; each ceiling has a decision room of its
own, so the learning is the same as in a shard of that ceiling.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from bench.ordinary import MINUTE, MINUTES, START, Fault, Nothing, Traffic
from vedette.assembly import COURSES_SHARE
from vedette.decision.decide import Decider
from vedette.decision.said import Said
from vedette.detectors.baseline import Baseline
from vedette.detectors.course_watch import CourseWatch
from vedette.detectors.novelty import Novelty
from vedette.records.incident import Incident, Phase
from vedette.records.observation import Direction, Measures, Occurrences, Quantity, Series
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window

DAYS: Final = int(os.environ.get("CONTRACT_DAYS", "61"))
"""The first is learned from, and nothing is judged in it."""
SEGMENTS: Final = 200
CEILINGS: Final = (0.2, 1.0, 5.0)
RESOLVE: Final = 900 * SECOND
DAY: Final = 86_400
FAULT_DAYS: Final = 12
FAULTS: Final = {"latency_p95_seconds": 3.0, "requests": 3.0, "error_ratio": 1.2}
"""Latency and traffic times three, a fifth more errors."""


@dataclass
class Told:
    """The incidents of one ceiling that a person was told of, by id; the latest form of each."""

    incidents: dict[str, Incident] = field(default_factory=dict)

    def note(self, changed: Iterable[Incident]) -> None:
        """Take in the incidents of one window."""
        self.incidents.update({one.id: one for one in changed if one.phase is not Phase.PENDING})


def run(data: Path) -> dict[str, Any]:
    """Return false incidents a day with an interval of 95 % by ceiling, and the share of faults that are found."""
    traffic = Traffic(SEGMENTS, seed=1)
    quiet = judged(traffic.windows(DAYS))
    kpi = kpi_false(data)
    return {
        "segments": SEGMENTS,
        "days": DAYS - 1,
        "simulated": {str(ceiling): rate(len(told.incidents), DAYS - 1) for ceiling, told in quiet.items()},
        "kpi": {str(ceiling): rate(count, days) for ceiling, (count, days) in kpi.items()},
        "found": power(),
    }


def judged(
    windows: Iterable[Window], ready_after: float = DAY, ceilings: Sequence[float] = CEILINGS
) -> dict[float, Told]:
    """Run windows through the detectors and one decision room a ceiling."""
    baseline, novelty = Baseline(ready_after), Novelty(ready_after)
    rooms = {
        ceiling: (Decider(ceiling, RESOLVE), CourseWatch(COURSES_SHARE * ceiling, ready_after), Told())
        for ceiling in ceilings
    }
    for window in windows:
        baseline.grow(window.series)
        novelty.grow(window.scopes)
        measured, occurred = baseline.score(window.measures), novelty.score(window.occurrences)
        for decide, courses, told in rooms.values():
            courses.grow(window.series)
            said = Said(turns=courses.take(window.measures, measured, np.ones(len(window.measures.slot), np.bool_)))
            told.note(decide.step(window, measured, occurred, (), said).incidents)
        baseline.learn(window.measures, measured.surprise)
        novelty.learn(window.occurrences, occurred.surprise)
    return {ceiling: told for ceiling, (_, _, told) in rooms.items()}


def rate(count: int, days: float) -> dict[str, float]:
    """Return incidents a day with the exact interval of a Poisson number (Garwood).

    >>> rate(0, 60.0)
    {'count': 0, 'a_day': 0.0, 'low': 0.0, 'high': 0.0615}
    """
    from scipy.stats import chi2

    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    high = chi2.ppf(0.975, 2 * count + 2) / 2
    figures = {"a_day": count / days, "low": low / days, "high": high / days}
    return {"count": count, **{name: round(float(value), 4) for name, value in figures.items()}}


def faults(segments: int, days: int, seed: int = 3) -> tuple[Fault, ...]:
    """Return seeded faults of twenty minutes: each segment one every second day, from the fourth day on."""
    rng = np.random.default_rng(seed)
    found = []
    for segment in range(segments):
        for day in range(3 + segment % 2, days, 2):
            feature = str(rng.choice(list(FAULTS)))
            minute = day * MINUTES + int(rng.integers(0, MINUTES - 60))
            found.append(Fault(segment, minute, 20, feature, FAULTS[feature]))
    return tuple(found)


def power(
    segments: int = SEGMENTS, days: int = FAULT_DAYS, seed: int = 2, ceilings: Sequence[float] = CEILINGS
) -> dict[str, dict[str, float]]:
    """Return by ceiling the share of each kind of fault whose segment is in an incident while it lasts."""
    injected = faults(segments, days)
    traffic = Traffic(segments, seed, injected)
    told = judged(traffic.windows(days), ceilings=ceilings)
    return {str(ceiling): found(traffic, injected, list(one.incidents.values())) for ceiling, one in told.items()}


def found(traffic: Traffic, injected: tuple[Fault, ...], incidents: list[Incident]) -> dict[str, float]:
    """Return the share found of each feature."""
    hits: dict[str, list[bool]] = {feature: [] for feature in FAULTS}
    for fault in injected:
        begin, end = START + fault.minute * MINUTE, START + (fault.minute + fault.minutes + 3) * MINUTE
        segment = traffic.segments[fault.segment]
        hits[fault.feature].append(
            any(
                one.started_at < end
                and one.updated_at > begin
                and any(part.segment == segment for part in one.explanation.contributions)
                for one in incidents
            )
        )
    return {feature: round(float(np.mean(hit)), 3) for feature, hit in hits.items()}


def kpi_false(data: Path) -> dict[float, tuple[int, float]]:
    """Return by ceiling the incidents outside of labelled times, an hour around them left out, and the days."""
    table = pq.read_table(data / "metrics" / "aiops_kpi.parquet").sort_by([("t", "ascending")])
    names = np.unique(table["series"].to_numpy().astype(str))
    totals = dict.fromkeys(CEILINGS, (0, 0.0))
    for width in (60, 300):
        counted = _kpi_of(table, names, width)
        totals = {c: (totals[c][0] + counted[c][0], totals[c][1] + counted[c][1]) for c in CEILINGS}
    return totals


def _kpi_of(table: Any, names: Any, width: int) -> dict[float, tuple[int, float]]:
    """Return the same for the series of one width of window, all watched by one shard."""
    every, times = table["series"].to_numpy().astype(str), table["t"].to_numpy()
    label = table["label"].to_numpy() > 0
    mine = [name for name in names if np.median(np.diff(times[every == name])) == width]
    kept = np.isin(every, mine)
    every, times, label = every[kept], times[kept], label[kept]
    segments = {name: Segment("", str(name), "") for name in mine}
    told = judged(kpi_windows(every, times, table["value"].to_numpy()[kept], segments, width))
    marked = {segments[name]: times[(every == name) & label] for name in mine}
    days = float(times.max() - times.min()) / DAY - 1.0
    return {ceiling: (sum(_is_false(one, marked) for one in t.incidents.values()), days) for ceiling, t in told.items()}


def _is_false(incident: Incident, marked: dict[Segment, Any]) -> bool:
    near = marked[incident.segment]
    begin, end = incident.started_at / SECOND - 3600, incident.updated_at / SECOND + 3600
    return not ((near >= begin) & (near <= end)).any()


def kpi_windows(every: Any, times: Any, value: Any, segments: Any, width: int) -> Iterator[Window]:
    order = {name: number for number, name in enumerate(segments)}
    slot = np.array([order[name] for name in every.tolist()], np.int32)
    series = [Series(one, "metric", Quantity.GAUGE, Direction.BOTH, 0.25) for one in segments.values()]
    none = np.zeros(0, np.int64)
    starts, first = np.unique(times // width * width, return_index=True)
    for begin, low, high in zip(starts.tolist(), first.tolist(), [*first[1:].tolist(), len(times)], strict=True):
        slots, rows = np.unique(slot[low:high], return_index=True)
        start = begin * SECOND
        yield Window(
            start,
            width * SECOND,
            series if low == 0 else [],
            [],
            Measures(start, width * SECOND, slots, value[low:high][rows].astype(np.float64), np.ones(len(rows))),
            Occurrences(start, width * SECOND, none.astype(np.int32), none.astype(np.uint64), none),
            Nothing(),
        )
