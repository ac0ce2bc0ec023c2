"""Users and accounts: a red team's insertions among them, found at ten findings a day; beside two simple rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.scoring.entities import score_entities
from vedette.simulate.organization import Organization, a_campaign, generate

SEEDS: Final = (*range(11, 17), *range(21, 27))
"""Not those by which the detectors were made (1 to 6)."""
FINDINGS: Final = 10
WARM_UP: Final = 21
FLOOR: Final = 0.90

Days = dict[int, dict[str, float]]


def run(data: Path) -> dict[str, Any]:
    """Return the share found by kind and intensity, days to find, and what the product's own alerts are worth."""
    del data
    return measured([Organization(seed=seed) for seed in SEEDS])


def measured(sizes: Iterable[Organization]) -> dict[str, Any]:
    """Return the measures over organizations, each with a campaign of the red team of its own."""
    tally: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    delays: list[int] = []
    alerts: list[float] = []
    for size in sizes:
        made = generate(size, a_campaign(size, size.seed))
        scored = score_entities(made.events)
        truth = made.truth.to_pylist()
        for name, days in (
            ("found", ranked(scored)),
            ("z_score", z_scores(made.events)),
            ("first_host", first_hosts(made.events)),
        ):
            best = {day: top(scores) for day, scores in days.items()}
            for row in truth:
                delay = found(row, best)
                tally[name][f"{row['kind']} {row['intensity']:g}"].append(delay is not None)
                if name == "found" and delay is not None:
                    delays.append(delay)
        own = scored.filter(pc.equal(scored["alert"], 1))
        told = {day: set(scores) for day, scores in ranked(own).items()}
        for row in truth:
            tally["alert"][f"{row['kind']} {row['intensity']:g}"].append(found(row, told) is not None)
        true = {(row["user"], day) for row in truth for day in range(row["first"], row["last"] + 3)}
        first = min(ranked(scored)) + WARM_UP
        false = sum((user, day) not in true for day, users in told.items() if day >= first for user in users)
        alerts.append(false / (size.days - WARM_UP))
    shares = {name: float(np.mean([x for one in kinds.values() for x in one])) for name, kinds in tally.items()}
    kinds = {kind: round(float(np.mean(hits)), 2) for kind, hits in tally["found"].items()}
    return {
        **{f"{name}_share": round(share, 3) for name, share in shares.items()},
        "floor": FLOOR,
        "found_by_kind": kinds,
        "alert_by_kind": {kind: round(float(np.mean(hits)), 2) for kind, hits in tally["alert"].items()},
        "days_to_find": round(float(np.mean(delays)), 2),
        "false_alerts_a_day": round(float(np.mean(alerts)), 2),
        "insertions": sum(len(hits) for hits in tally["found"].values()),
    }


def found(row: dict[str, Any], best: dict[int, set[str]]) -> int | None:
    """Return after how many days an insertion was among the findings, if it was."""
    days = [day for day in range(row["first"], row["last"] + 1) if row["user"] in best.get(day, ())]
    return days[0] - row["first"] if days else None


def top(scores: dict[str, float]) -> set[str]:
    """Return the entities with the greatest scores of a day; of equal ones the first."""
    order = sorted(scores, key=lambda name: -scores[name])[:FINDINGS]
    return {name for name in order if scores[name] > 0.0}


def ranked(scored: pa.Table) -> Days:
    """Return the scores by day."""
    days: Days = defaultdict(dict)
    day = pc.divide(pc.cast(scored["day"], pa.int64()), 86_400_000_000).to_pylist()
    for number, name, score in zip(day, scored["entity"].to_pylist(), scored["score"].to_pylist(), strict=True):
        days[number][name] = score
    return days


def daily(events: pa.Table) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[str]]:
    """Return day and user number of each event, and the users' names."""
    day = pc.divide(pc.cast(events["time"], pa.int64()), 86_400_000_000).to_numpy()
    user = events["user.id"].combine_chunks()
    user = user.combine_chunks() if isinstance(user, pa.ChunkedArray) else user
    return day, user.indices.to_numpy(), user.dictionary.to_pylist()


def z_scores(events: pa.Table) -> Days:
    """The peer: how far a user's bytes of the day lie above the mean of the user's days before, in deviations."""
    day, user, names = daily(events)
    first = int(day.min())
    volume = np.zeros((int(day.max()) - first + 1, len(names)))
    np.add.at(volume, (day - first, user), events["vedette.bytes"].to_numpy())
    days: Days = {}
    for number in range(WARM_UP, len(volume)):
        past = volume[:number]
        z = (volume[number] - past.mean(axis=0)) / (past.std(axis=0) + 1.0)
        days[first + number] = dict(zip(names, z.tolist(), strict=True))
    return days


def first_hosts(events: pa.Table) -> Days:
    """The other peer: how many hosts a user was on for the first time."""
    day, user, names = daily(events)
    host = events["host.name"].combine_chunks()
    host = host.combine_chunks() if isinstance(host, pa.ChunkedArray) else host
    pair = user.astype(np.int64) * len(host.dictionary) + host.indices.to_numpy()
    _, place = np.unique(pair, return_index=True)
    days: Days = defaultdict(lambda: defaultdict(float))
    for number, one in zip(day[place].tolist(), user[place].tolist(), strict=True):
        days[number][names[one]] += 1.0
    return days
