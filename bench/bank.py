"""A bank's new user interface: false alarms until the drift is noticed, and accuracy before and after, by the hour.

Beside it the same shard without `vedette.drift.releases`. An hour is right if incidents are open in it where something
went wrong, and none where nothing did; the release's own incident is one too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from vedette.assembly import make_entry, make_shard
from vedette.config.load import load
from vedette.decode.otlp import decode_spans
from vedette.drift.releases import ReleaseWatch
from vedette.journal.log import Chunk
from vedette.records.batch import SafeBatch
from vedette.records.drift import Change
from vedette.records.incident import Incident, Phase
from vedette.records.score import Scores
from vedette.records.time import SECOND
from vedette.records.window import Window
from vedette.simulate.bank import DAY, SERVICE, Bank, Trouble, answer_sizes, schedule
from vedette.simulate.otlp import spans

SEEDS: Final = (1, 2, 3)
RATE: Final = 0.25
HOUR: Final = 3600.0
MONDAY: Final = 1_790_000_000 - 1_790_000_000 % DAY
RELEASE: Final = MONDAY + 4 * DAY + 10 * HOUR
"""On a Friday."""
END: Final = RELEASE + 2.5 * DAY
PERIODS: Final = {
    "two days before": (RELEASE - 2 * DAY, RELEASE),
    "first six hours": (RELEASE, RELEASE + 6 * HOUR),
    "rest of the first day": (RELEASE + 6 * HOUR, RELEASE + DAY),
    "second day": (RELEASE + DAY, RELEASE + 2 * DAY),
}


class Deaf(ReleaseWatch):
    """Never notices anything."""

    def take(self, window: Window, measured: Scores, occurred: Scores) -> tuple[Change, ...]:
        """Say nothing."""
        return ()


def troubles(seed: int) -> list[Trouble]:
    """Return what goes wrong: two things a day, before, on the day of the release and after it."""
    return schedule(MONDAY + 2 * DAY, 5, seed)


def run(data: Path) -> dict[str, Any]:
    """Return accuracy, false incidents and troubles found by period, with and without; `data` is not needed."""
    del data
    return {
        "seeds": len(SEEDS),
        "with": measured(ReleaseWatch),
        "without": measured(Deaf),
    }


def measured(watch: type[ReleaseWatch]) -> dict[str, Any]:
    """Return what each period came to over all seeds."""
    sums = {name: [0, 0, 0, 0, 0] for name in PERIODS}
    for seed in SEEDS:
        wrong, fired = troubles(seed), play(watch(), seed)
        for name, (start, end) in PERIODS.items():
            hours = [start + HOUR * number for number in range(round((end - start) / HOUR))]
            right = [is_open(fired, hour) == is_wrong(wrong, hour) for hour in hours]
            begun = [one for one in fired if start <= one.started_at / SECOND < end]
            false = [one for one in begun if not any(meets(one, trouble) for trouble in wrong)]
            mine = [trouble for trouble in wrong if start <= trouble.start < end]
            found = [trouble for trouble in mine if any(meets(one, trouble) for one in fired)]
            for place, count in enumerate((sum(right), len(right), len(false), len(found), len(mine))):
                sums[name][place] += count
    return {
        name: {"accuracy": round(right / hours, 3), "false_incidents": false, "found": f"{found} of {mine}"}
        for name, (right, hours, false, found, mine) in sums.items()
    }


def play(watch: ReleaseWatch, seed: int) -> list[Incident]:
    """Return the incidents that fired."""
    config = load(None, overrides={"features.window": "60s", "features.lateness": "5s"}, environ={})
    model, found = make_shard(config), dict[str, Incident]()
    model.releases = watch
    for number, batch in enumerate(batches(seed, troubles(seed)), 1):
        found |= {one.id: one for one in model.step(Chunk(number, None, (batch,))).incidents}
    found |= {one.id: one for one in model.finish().incidents}
    return [one for one in found.values() if one.phase is not Phase.PENDING]


def batches(seed: int, wrong: Sequence[Trouble]) -> Iterator[SafeBatch]:
    """Yield the bank's telemetry, protected."""
    enter, sizes, number = make_entry(load(None, environ={}), b"k" * 32), answer_sizes(), 0
    visits = Bank(RATE, seed, RELEASE, wrong).between(MONDAY, END)
    while part := list(islice(visits, 2000)):
        number += 1
        for batch in decode_spans(spans(part, sizes, number, SERVICE), 0).batches:
            yield enter(batch)


def is_wrong(wrong: Sequence[Trouble], hour: float) -> bool:
    """Say whether something goes wrong in the hour from `hour` on."""
    return any(trouble.start < hour + HOUR and hour < trouble.end for trouble in wrong)


def is_open(fired: Sequence[Incident], hour: float) -> bool:
    """Say whether an incident is open in the hour from `hour` on."""
    ends = ((one, END if one.ended_at is None else one.ended_at / SECOND) for one in fired)
    return any(one.started_at / SECOND < hour + HOUR and hour < end for one, end in ends)


def meets(incident: Incident, trouble: Trouble) -> bool:
    """Say whether an incident began with a trouble, or while it lasted."""
    return trouble.start - 60.0 <= incident.started_at / SECOND <= trouble.end + 120.0
