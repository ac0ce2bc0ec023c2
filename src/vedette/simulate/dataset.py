"""The shop's telemetry without a server: payloads in order of time, for tests, replays and benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import islice

from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.model import DAY, Traffic, Visit
from vedette.simulate.otlp import spans
from vedette.simulate.shop.service import answer_sizes

BATCH = 2000


def shop_visits(
    days: float, rate: float, seed: int, end: float, attack: str = "", attack_at: float = 0.0, attack_for: float = 300.0
) -> Iterator[Visit]:
    """Yield the visits of the days before `end` (epoch seconds), with an attack at `attack_at` if one is named.

    Faults change the visits as they would change the shop: slower checkouts, failing requests.
    """
    traffic: Iterator[Visit] = Traffic(rate, seed).between(end - days * DAY, end)
    if not attack:
        return traffic
    until = attack_at + attack_for
    changed = (faulty(visit, attack, attack_at <= visit.time < until) for visit in traffic)
    return merge(changed, visits(ATTACKS[attack], attack_at, until, seed), key=lambda visit: visit.time)


def surge(visits: Iterator[Visit], rate: float, times: float, seed: int, start: float, end: float) -> Iterator[Visit]:
    """Yield visits with so many more of them from `start` to `end` that they are `times` as many, as in a sale."""
    more = Traffic(rate * (times - 1.0), seed).between(start, end)
    return merge(visits, more, key=lambda visit: visit.time)


def slower(visits: Iterator[Visit], times: float, since: float) -> Iterator[Visit]:
    """Yield visits of which those since a time take `times` as long, as after a bad deploy."""
    for visit in visits:
        changed = visit.time >= since
        yield _changed(visit, takes=times * visit.takes, status=visit.status) if changed else visit


def payloads(stream: Iterator[Visit], seed: int) -> Iterator[bytes]:
    """Yield visits as OTLP trace export requests."""
    sizes, number = answer_sizes(), 0
    while part := list(islice(stream, BATCH)):
        number += 1
        yield spans(part, sizes, seed + number)


def faulty(visit: Visit, attack: str, on: bool) -> Visit:
    """Return a visit as a fault of the shop changes it while it is on."""
    if on and attack == "slow_checkout" and visit.route == "/checkout":
        return _changed(visit, takes=6 * visit.takes, status=visit.status)
    if on and attack == "error_burst" and int(visit.time * 1000) % 3 == 0:
        return _changed(visit, takes=visit.takes, status=500)
    return visit


def _changed(visit: Visit, takes: float, status: int) -> Visit:
    return Visit(visit.time, visit.method, visit.route, visit.path, visit.client, visit.user, takes, status, visit.body)
