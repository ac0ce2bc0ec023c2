"""Twelve days of the shop with two troubles a day, of minutes to hours, that nobody judges: what is told of them.

Troubles found, how soon, in how many incidents, and the incidents that begin while nothing is wrong: false alarms, some
of them a trouble's aftermath. One day is learned from before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from vedette.assembly import make_entry, make_shard
from vedette.config.load import load
from vedette.decode.otlp import decode_spans
from vedette.journal.log import Chunk
from vedette.records.batch import SafeBatch
from vedette.records.incident import Incident, Phase
from vedette.records.time import SECOND
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import faulty, payloads
from vedette.simulate.model import Traffic, Visit

SEEDS: Final = (1, 2, 3)
RATE: Final = 0.3
DAYS: Final = 12
DAY: Final = 86_400.0
HOUR: Final = 3600.0
MONDAY: Final = 1_790_035_200.0 - 1_790_035_200.0 % (7 * DAY) + 4 * DAY
OUTAGE: Final = "outage"
KINDS: Final = (*ATTACKS, OUTAGE)
SHORTEST, LONGEST = 300.0, 6 * HOUR
AFTER: Final = 180.0
"""Time after a trouble in which an incident may still be its own, s."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong, from when to when (epoch seconds)."""

    kind: str
    start: float
    end: float


def run(data: Path) -> dict[str, Any]:
    """Return what was told of the troubles of all seeds; `data` is not needed."""
    del data
    told = [(schedule(seed), play(seed)) for seed in SEEDS]
    wrong = [(trouble, fired) for troubles, fired in told for trouble in troubles]
    of_each = [(trouble, [one for one in fired if meets(one, trouble)]) for trouble, fired in wrong]
    false = [one for troubles, fired in told for one in fired if not any(meets(one, each) for each in troubles)]
    found = [(trouble, mine) for trouble, mine in of_each if mine]
    return {
        "seeds": len(SEEDS),
        "days": len(SEEDS) * (DAYS - 1),
        "troubles": len(of_each),
        "found": len(found),
        "missed": sorted(f"{one.kind} of {(one.end - one.start) / 60:.0f} min" for one, mine in of_each if not mine),
        "median_delay_s": median(first(mine) - trouble.start for trouble, mine in found),
        "incidents_a_trouble": round(sum(len(mine) for _, mine in found) / max(len(found), 1), 2),
        "false_incidents": len(false),
        "false_titles": sorted(f"{one.severity.value}: {one.title}" for one in false),
    }


def schedule(seed: int) -> list[Trouble]:
    """Return two troubles a day after the first, each of any kind and length, at least an hour apart."""
    rng, troubles = np.random.default_rng(seed), list[Trouble]()
    for day in range(1, DAYS):
        for half in (0.0, 12 * HOUR):
            lasts = float(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST))))
            start = MONDAY + day * DAY + half + float(rng.uniform(0.0, 11 * HOUR - lasts))
            troubles.append(Trouble(KINDS[int(rng.integers(len(KINDS)))], start, start + lasts))
    return troubles


def play(seed: int) -> list[Incident]:
    """Return the incidents that fired."""
    config = load(None, overrides={"features.window": "60s", "features.lateness": "5s"}, environ={})
    model, found = make_shard(config), dict[str, Incident]()
    for number, batch in enumerate(batches(seed), 1):
        found |= {one.id: one for one in model.step(Chunk(number, None, (batch,))).incidents}
    found |= {one.id: one for one in model.finish().incidents}
    return [one for one in found.values() if one.phase is not Phase.PENDING]


def batches(seed: int) -> Iterator[SafeBatch]:
    """Yield the shop's telemetry, protected."""
    enter = make_entry(load(None, environ={}), b"k" * 32)
    for body in payloads(shop(seed), seed):
        for batch in decode_spans(body, 0).batches:
            yield enter(batch)


def shop(seed: int) -> Iterator[Visit]:
    """Yield the visits of twelve days with what goes wrong in them."""
    troubles = schedule(seed)
    stream = Traffic(RATE, seed).between(MONDAY, MONDAY + DAYS * DAY)
    attacks = [visits(ATTACKS[one.kind], one.start, one.end, seed) for one in troubles if one.kind != OUTAGE]
    return merge(changed(stream, troubles), *attacks, key=lambda visit: visit.time)


def changed(stream: Iterator[Visit], troubles: list[Trouble]) -> Iterator[Visit]:
    """Yield visits as faults of the shop change them; troubles are in order."""
    ahead = iter(troubles)
    now = next(ahead, None)
    for visit in stream:
        while now is not None and visit.time >= now.end:
            now = next(ahead, None)
        on = now is not None and visit.time >= now.start
        if now is None or not on:
            yield visit
        elif now.kind != OUTAGE:
            yield faulty(visit, now.kind, on)


def meets(incident: Incident, trouble: Trouble) -> bool:
    """Say whether an incident began with a trouble, or while it lasted."""
    return trouble.start - 60.0 <= incident.started_at / SECOND <= trouble.end + AFTER


def first(incidents: list[Incident]) -> float:
    """Return when the first of some incidents began, epoch seconds."""
    return min(one.started_at for one in incidents) / SECOND
