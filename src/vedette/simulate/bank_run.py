"""The bank's story: days of its old user interface, a release that nobody announced, hours later an injection."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Final

from vedette.simulate.bank import SERVICE, Bank, Trouble, answer_sizes
from vedette.simulate.model import DAY
from vedette.simulate.otlp import spans
from vedette.simulate.run import Progress, Say, client_of, send

EVERY: Final = 2.0
"""Seconds between two parts of live traffic."""
AGO: Final = 4 * 3600.0
"""Seconds since the release when live traffic begins: noticed after half an hour, settled after two."""


@dataclass(frozen=True, slots=True)
class BankStory:
    """What the bank goes through; `endpoint`, `key`, `days`, `rate` and `seed` as in `vedette.simulate.run.Story`.

    The injection begins after `attack_after` seconds of live traffic.
    """

    endpoint: str
    key: str = ""
    days: float = 3.0
    rate: float = 1.0
    attack_after: float = 20.0
    duration: float = 0.0
    seed: int = 7


def run_bank(story: BankStory, stop: Event, say: Say, progress: Progress) -> None:
    """Play the story until it ends or `stop` is set."""
    live_from, sizes = time.time(), answer_sizes()
    begin, release = live_from - story.days * DAY, live_from - AGO
    injection = Trouble("injection", live_from + story.attack_after)
    as_spans = partial(spans, sizes=sizes, service=SERVICE)
    past = Bank(story.rate, story.seed, release).between(begin, live_from)
    expected = round(story.rate * (live_from - begin))
    with client_of(story.endpoint, story.key) as client:
        say(f"sending {story.days:g} days of a bank's history; a new user interface came at {_clock(release)} UTC")
        count = send(client, past, as_spans, story.seed, stop, lambda sent: progress(sent, expected))
        say(f"history: {count} requests sent; an injection into transfers begins at {_clock(injection.start)} UTC")
        bank, sent = Bank(story.rate, story.seed + 1, release, [injection]), live_from
        ends = live_from + (story.duration or 10 * DAY)
        while sent < ends and not stop.wait(EVERY):
            until = min(time.time(), ends)
            part = bank.between(sent, until)
            send(client, part, as_spans, round(sent), stop, lambda number: None)
            sent = until


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S")
