"""Jobs that nobody announced, found by the clock: offered, and planned from then on if somebody says what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from vedette.decision.jobs import DAY, NEAR, Habit
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.feature import feature_of
from vedette.records.observation import Series

KEPT: Final = 15 * DAY
"""How long ago a job may have been there last to be offered."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A job of a service that was found.

    Parameters
    ----------
    id
        Same for the same service, time and rhythm.
    service
        Whose numbers deviate.
    labels
        Which numbers, as people say them.
    start, end
        When it was there last, ns.
    days
        1 for daily, 7 for weekly.
    times
        How often it was there.
    """

    id: str
    service: str
    labels: tuple[str, ...]
    start: int
    end: int
    days: int
    times: int

    def planned(self, title: str, now: int, until: int) -> list[PlannedEvent]:
        """Return its occurrences from `now` to `until` (ns), as long as the last, and as early or late as may be."""
        length = self.end - self.start
        first = self.start + max(-(-(now - self.start) // (self.days * DAY)), 1) * self.days * DAY
        starts = range(first, until, self.days * DAY)
        return [
            PlannedEvent(
                f"{self.id}-{start // DAY}", EventKind.JOB, title, start - NEAR, start + length + NEAR, (self.service,)
            )
            for start in starts
        ]


def offers(found: Iterable[tuple[Series, Habit]], planned: Sequence[PlannedEvent]) -> list[Offer]:
    """Return the jobs of services, the numbers of each together; those during which something was planned are known."""
    groups: dict[tuple[str, int, int], list[tuple[Series, Habit]]] = {}
    for series, habit in sorted(found, key=lambda one: (one[1].start, one[0].segment.order, one[0].feature)):
        service = series.segment.service
        near = next(
            (key for key in groups if key[0] == service and key[2] == habit.days and abs(key[1] - habit.start) <= NEAR),
            (service, habit.start, habit.days),
        )
        groups.setdefault(near, []).append((series, habit))
    made = [_offer(service, days, group) for (service, _, days), group in groups.items()]
    return [one for one in made if not any(_covers(event, one) for event in planned)]


def _offer(service: str, days: int, group: Sequence[tuple[Series, Habit]]) -> Offer:
    start, end = min(habit.start for _, habit in group), max(habit.end for _, habit in group)
    place = round(start % (days * DAY) / (2 * NEAR))
    name = blake2b(f"{service}\0{days}\0{place}".encode(), digest_size=4).hexdigest()
    labels = dict.fromkeys(feature_of(series.feature).label for series, _ in group)
    return Offer(f"job-{name}", service, tuple(labels), start, end, days, max(habit.times for _, habit in group))


def _covers(event: PlannedEvent, offer: Offer) -> bool:
    concerned = not event.segments or offer.service in event.segments
    later = (event.start + NEAR - offer.start) % (offer.days * DAY)
    near = min(later, offer.days * DAY - later) <= 2 * NEAR
    return concerned and (event.overlaps(offer.start, offer.end + 1) or (event.kind is EventKind.JOB and near))
