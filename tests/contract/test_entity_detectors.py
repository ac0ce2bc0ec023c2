from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from vedette.detectors.base import Detector
from vedette.detectors.holders import Holders
from vedette.detectors.hours import Hours
from vedette.detectors.peers import Peers
from vedette.records.observation import Occurrences, Scope
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.testing import LAWS, ItemsTrial, SeriesTrial, Trial

HOUR = 3600.0
DAY = 86_400 * SECOND
START = 1_767_571_200 * SECOND


class HoursTrial:
    """Three people at work from nine to five, seen once a day; Monday is step 0."""

    steps = 32
    keys = tuple(Scope(Segment("test", "user", f"u{number}"), "hour") for number in range(3))

    def ordinary(self, step: int) -> Occurrences:
        hours = np.random.default_rng((7, step)).integers(9, 17, len(self.keys))
        return self._window(step, hours, np.full(len(self.keys), 5))

    def odd(self, step: int, row: int) -> Occurrences:
        window = self.ordinary(step)
        items, counts = window.item.copy(), window.count.copy()
        items[row], counts[row] = items[row] // 24 * 24 + 2, 300
        return replace(window, item=items, count=counts)

    def constant(self, step: int) -> Occurrences:
        return self._window(step, np.full(len(self.keys), 10), np.ones(len(self.keys)))

    def _window(self, step: int, hours: Any, counts: Any) -> Occurrences:
        items = np.asarray(step % 7 * 24 + hours, np.uint64)
        return Occurrences(START + step * DAY, DAY, np.arange(3, dtype=np.int32), items, np.asarray(counts, np.int64))


SUBJECTS: dict[str, tuple[Callable[[], Detector[Any, Any]], Trial[Any, Any]]] = {
    "holders": (lambda: Holders(ready_after=6 * HOUR), ItemsTrial()),
    "holders in little memory": (lambda: Holders(ready_after=HOUR, max_items=2048), ItemsTrial(seed=3)),
    "hours": (Hours, HoursTrial()),
    "peers": (lambda: Peers(ready_after=6 * HOUR), SeriesTrial()),
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_law(subject: str, law: Callable[..., None]) -> None:
    law(*SUBJECTS[subject])
