"""The last hour of a shop, window by window, to be judged again and again with something changed in it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from tests.scenario.story import Learned, Story, protected

from vedette.features.extract import Extractor
from vedette.journal.log import Chunk
from vedette.pipeline import Shard
from vedette.records.batch import SafeBatch
from vedette.records.document import Document
from vedette.records.observation import Series
from vedette.records.score import State
from vedette.records.time import SECOND
from vedette.records.window import Window
from vedette.simulate.model import Visit

MINUTE = 60 * SECOND

Edit = Callable[[Window], Window]


class Played:
    """Stands in for an extractor: gives windows that were made before; all else is the extractor's own."""

    def __init__(self, inner: Extractor, windows: Iterable[Window]) -> None:
        self._inner, self._windows = inner, windows

    def step(self, batches: Sequence[SafeBatch], tick: int | None = None) -> Iterator[Window]:
        return iter(self._windows)

    def flush(self) -> Iterator[Window]:
        return iter(())

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class Past:
    """What a shard has learned of a shop, from which any sequel can be judged, as often as wanted."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self.ready = np.flatnonzero(learned.states.state == State.READY).tolist()
        """Numbers of the series that are judged."""

    def shard(self) -> Shard:
        """Return a shard that knows this past."""
        return self._learned.shard()

    def then(self, visits: Iterable[Visit]) -> Sequel:
        """Return the windows that come next."""
        extract = self.shard().extract
        windows: list[Window] = []
        for batch in protected(iter(visits), 8):
            windows += extract.step((batch,))
        windows += extract.flush()
        return Sequel(self, extract, windows)


@dataclass(frozen=True)
class Sequel:
    """Windows that follow a past."""

    past: Past
    extract: Extractor
    windows: Sequence[Window]

    @property
    def series(self) -> Sequence[Series]:
        """All series, by number."""
        return self.extract.series.keys

    def again(self, *edits: Edit) -> Story:
        """Judge the windows with edits in them, by the whole shard but its features room."""
        model, story = self.past.shard(), Story()
        windows = [reduce(lambda window, edit: edit(window), edits, one) for one in self.windows]
        model.extract = Played(self.extract, windows)  # type: ignore[assignment]
        story.note(model.step(Chunk(1_000_000, None, ())))
        return story

    def slot(self, part: Document) -> int:
        """Return the number of the series that a finding or a contribution is about."""
        names = [(str(one.segment), one.feature) for one in self.series]
        return names.index((part["segment"], part["feature"]))


def with_number(slot: int, change: Callable[[float], float], starts: Container[int]) -> Edit:
    """Return an edit that changes the number of one series in the windows that begin then (ns)."""

    def edit(window: Window) -> Window:
        if window.start not in starts:
            return window
        value = window.measures.value.copy()
        rows = np.flatnonzero(window.measures.slot == slot)
        value[rows] = [change(number) for number in value[rows].tolist()]
        return replace(window, measures=replace(window.measures, value=value))

    return edit


def bounded(slot: int, finding: Document, starts: Container[int]) -> Edit:
    """Return an edit that keeps a number within what a finding says would have given none."""
    bound = finding["counterfactual"]
    keep = min if finding["actual"] >= finding["expected"] else max
    return with_number(slot, lambda number: keep(number, bound), starts)


def without_item(item: str) -> Edit:
    """Return an edit that takes an item out of all windows."""

    def edit(window: Window) -> Window:
        seen = window.occurrences
        kept = np.array([window.context.item(code) != item for code in seen.item.tolist()], np.bool_)
        occurrences = replace(seen, slot=seen.slot[kept], item=seen.item[kept], count=seen.count[kept])
        return replace(window, occurrences=occurrences)

    return edit


def without_marks(window: Window) -> Window:
    """Take what rules and the reader of values marked out of a window."""
    return replace(window, marks=())
