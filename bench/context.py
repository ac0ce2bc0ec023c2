"""What announced sales, learned lifts and deploys do: the shop's stories over several seeds.

Of each story: runs, incidents of performance or operations and of security from the sale or deploy on, runs that had
any, and the median seconds until the first of them began.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from pathlib import Path
from statistics import median
from typing import Any

from vedette.assembly import make_gate, make_shard
from vedette.config.load import load
from vedette.decode.otlp import decode_spans
from vedette.journal.log import Chunk
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.finding import Kind
from vedette.records.incident import Incident, Phase
from vedette.records.time import SECOND
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import payloads, shop_visits, slower, surge
from vedette.simulate.model import Visit

HOUR = 3600.0
END = 1_790_000_000 - 1_790_000_000 % 86_400 + 14 * 3600
RATE = 1.0
SEEDS = 5
SALE, LENGTH = END - 2 * HOUR, 1.5 * HOUR
ATTACK, DEPLOY = END - 1.25 * HOUR, END - 3 * HOUR


def event(kind: EventKind, number: int, start: float, length: float, lift: float | None = None) -> PlannedEvent:
    """Return an event of the shop."""
    return PlannedEvent(
        f"e{number}", kind, "planned", round(start * SECOND), round((start + length) * SECOND), ("shop",), lift
    )


def sale(seed: int, times: float, attack: str = "") -> Iterator[Visit]:
    """Return a day and a half with a sale at its end, and perhaps an attack in its midst."""
    traffic = surge(shop_visits(1.5, RATE, seed, END), RATE, times, seed + 50, SALE, SALE + LENGTH)
    if not attack:
        return traffic
    return merge(traffic, visits(ATTACKS[attack], ATTACK, ATTACK + 300, seed), key=lambda visit: visit.time)


def three_sales(seed: int) -> Iterator[Visit]:
    """Return three sales with three times the traffic, half a day apart."""
    traffic = shop_visits(1.5, RATE, seed, END)
    for number, start in enumerate(STARTS):
        traffic = surge(traffic, RATE, 3.0, seed + 50 + number, start, start + LENGTH)
    return traffic


STARTS = (END - 26 * HOUR, END - 14 * HOUR, SALE)
ANNOUNCED = [event(EventKind.SALE, 1, SALE, LENGTH, 6.0)]
LEARNED = [event(EventKind.SALE, number, start, LENGTH) for number, start in enumerate(STARTS)]
DEPLOYED = [event(EventKind.DEPLOY, 1, DEPLOY, 0.0)]

STORIES = {
    "sale ×6, announced": (lambda seed: sale(seed, 6.0), ANNOUNCED, SALE),
    "sale ×6, not announced": (lambda seed: sale(seed, 6.0), [], SALE),
    "sale ×12, ×6 announced": (lambda seed: sale(seed, 12.0), ANNOUNCED, SALE),
    "sale ×6, announced, with card testing": (lambda seed: sale(seed, 6.0, "card_testing"), ANNOUNCED, ATTACK),
    "sale ×6, announced, with SQL injection": (lambda seed: sale(seed, 6.0, "sqli"), ANNOUNCED, ATTACK),
    "sale ×6, announced, with password guessing": (lambda seed: sale(seed, 6.0, "login_guessing"), ANNOUNCED, ATTACK),
    "third sale ×3, lift learned": (three_sales, LEARNED, SALE),
    "third sale ×3, first that was announced": (three_sales, LEARNED[2:], SALE),
    "latency +30 %, deploy announced": (
        lambda seed: slower(shop_visits(1.2, RATE, seed, END), 1.3, DEPLOY),
        DEPLOYED,
        DEPLOY,
    ),
    "latency +30 %, no deploy announced": (
        lambda seed: slower(shop_visits(1.2, RATE, seed, END), 1.3, DEPLOY),
        [],
        DEPLOY,
    ),
    "latency as ever, deploy announced": (lambda seed: shop_visits(1.2, RATE, seed, END), DEPLOYED, DEPLOY),
}


def play(stream: Iterator[Visit], events: Sequence[PlannedEvent], seed: int) -> list[Incident]:
    """Return the incidents that fired."""
    config = load(None, overrides={"features.window": "60s", "features.lateness": "5s"}, environ={})
    gate, model, found = make_gate(config, b"k" * 32), make_shard(config), dict[str, Incident]()
    model.step(Chunk(0, None, (), tuple(events)))
    for number, body in enumerate(payloads(stream, seed), 1):
        batches = tuple(gate.protect(batch) for batch in decode_spans(body, 0).batches)
        found |= {one.id: one for one in model.step(Chunk(number, None, batches)).incidents}
    found |= {one.id: one for one in model.finish().incidents}
    return [one for one in found.values() if one.phase is not Phase.PENDING]


def run(data: Path) -> dict[str, Any]:
    """Return a row a story; `data` is not needed."""
    del data
    return {"seeds": SEEDS, "stories": {name: told(name) for name in STORIES}}


def told(name: str) -> dict[str, Any]:
    """Return what a story led to over all seeds."""
    make, events, since = STORIES[name]
    fired = [
        [one for one in play(make(seed), events, seed) if one.started_at >= (since - 120) * SECOND]
        for seed in range(1, SEEDS + 1)
    ]
    every = [one for run in fired for one in run]
    delays = [min(one.started_at for one in run) / SECOND - since for run in fired if run]
    return {
        "performance_operations": sum(one.kind is not Kind.SECURITY for one in every),
        "security": sum(one.kind is Kind.SECURITY for one in every),
        "runs_with_any": len(delays),
        "seconds_median": round(median(delays)) if delays else None,
    }
