"""The shop's story: days of history first, then live traffic, then an attack, told in sentences."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from heapq import merge
from itertools import islice
from threading import Event, Semaphore
from typing import TYPE_CHECKING

from vedette.simulate.attacks import ATTACKS, Attack, visits
from vedette.simulate.model import DAY, Traffic, Visit
from vedette.simulate.otlp import spans
from vedette.simulate.shop.service import ShopService, answer_sizes

if TYPE_CHECKING:
    import httpx

BATCH = 4000
"""Spans of history sent in one request."""

WORKERS = 24

GAP = 5.0
"""Seconds without a request between history and live traffic that nobody notices."""

Say = Callable[[str], None]
Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Story:
    """What the shop goes through.

    Parameters
    ----------
    endpoint
        Address of Vedette, such as ``http://127.0.0.1:4318``.
    key
        API key, empty for none.
    days
        Of history; 0 for none.
    rate
        Requests per second, averaged over a day.
    attack
        Name of an attack, empty for none.
    attack_after, attack_for
        Seconds of live traffic before it, and its length.
    duration
        Seconds of live traffic; 0 for endless.
    seed
        Of all chance.
    """

    endpoint: str
    key: str = ""
    days: float = 3.0
    rate: float = 2.0
    attack: str = "sqli"
    attack_after: float = 10.0
    attack_for: float = 300.0
    duration: float = 0.0
    seed: int = 7


def run_shop(story: Story, stop: Event, say: Say, progress: Progress) -> None:
    """Play the story until it ends or `stop` is set."""
    live_from = time.time()
    if story.days > 0:
        say(f"sending {story.days:g} days of the shop's history")
        count = send_history(story, live_from, stop, progress)
        say(f"history: {count} requests sent")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)  # that it tries again is no news here
    exporter = OTLPSpanExporter(endpoint=f"{story.endpoint}/v1/traces", headers=authorization(story.key))
    shop = ShopService(exporter)
    say(f"the shop is open on http://127.0.0.1:{shop.port}, about {story.rate:g} requests a second")
    try:
        _live(story, shop, stop, say)
    finally:
        shop.close(export=not stop.is_set())


def authorization(key: str) -> dict[str, str]:
    """Return the headers that carry a key."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def send_history(story: Story, end: float, stop: Event, progress: Progress) -> int:
    """Send the days before `end` in order of time, then what came up meanwhile; returns the number of requests."""
    traffic, as_spans = Traffic(story.rate, story.seed), partial(spans, sizes=answer_sizes())
    sent, start = 0, end - story.days * DAY
    with client_of(story.endpoint, story.key) as client:
        while end - start > GAP and not stop.is_set():
            total, before = sent + round((end - start) * story.rate), sent
            part = traffic.between(start, end)
            show = partial(_show, progress, before, total)
            sent += send(client, part, as_spans, story.seed + before, stop, show)
            start, end = end, time.time()
    return sent


def _show(progress: Progress, before: int, total: int, sent: int) -> None:
    progress(before + sent, total)


def client_of(endpoint: str, key: str) -> httpx.Client:
    """Return a client that sends telemetry."""
    import httpx

    return httpx.Client(base_url=endpoint, headers=authorization(key), timeout=60.0)


def send(
    client: httpx.Client,
    visits: Iterator[Visit],
    as_spans: Callable[..., bytes],
    seed: int,
    stop: Event,
    progress: Callable[[int], None],
) -> int:
    """Send visits, each part with a seed of its own; returns their number."""
    sent = 0
    while (part := list(islice(visits, BATCH))) and not stop.is_set():
        _post(client, as_spans(part, seed=seed + sent), stop)
        sent += len(part)
        progress(sent)
    return sent


def _post(client: httpx.Client, body: bytes, stop: Event) -> None:
    """Send a payload; come back while the server says that it is busy."""
    while not stop.is_set():
        answer = client.post("/v1/traces", content=body, headers={"Content-Type": "application/x-protobuf"})
        if answer.status_code != 503:
            answer.raise_for_status()
            return
        stop.wait(float(answer.headers.get("Retry-After", "1")))


def _live(story: Story, shop: ShopService, stop: Event, say: Say) -> None:
    start = time.time()
    end = start + (story.duration or 10 * DAY)
    attack = ATTACKS.get(story.attack)
    begins = start + story.attack_after
    ends = begins + story.attack_for
    everyone: Iterator[Visit] = Traffic(story.rate, story.seed + 1).between(start, end)
    if attack is not None:
        everyone = merge(everyone, visits(attack, begins, ends, story.seed), key=lambda visit: visit.time)
    told = False
    free = Semaphore(WORKERS * 2)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="visitor") as pool:
        for visit in everyone:
            if stop.wait(max(visit.time - time.time(), 0.0)):
                break
            if attack is not None:
                told = _switch(attack, shop, visit.time, begins, ends, told, say)
            if free.acquire(timeout=0.5):
                pool.submit(shop.ask, visit).add_done_callback(lambda _: free.release())


def _switch(attack: Attack, shop: ShopService, now: float, begins: float, ends: float, told: bool, say: Say) -> bool:
    """Say when an attack begins and ends, and switch a fault of the shop; returns whether it is on."""
    on = begins <= now < ends
    if on == told:
        return told
    clock = datetime.fromtimestamp(now, UTC).strftime("%H:%M:%S")
    technique = f" ({attack.technique})" if attack.technique else ""
    say(f"{clock} UTC {attack.title}{technique} {'begins' if on else 'ends'}")
    shop.faults.slow_checkout = 6.0 if on and attack.name == "slow_checkout" else 1.0
    shop.faults.error_share = 1 / 3 if on and attack.name == "error_burst" else 0.0
    return on
