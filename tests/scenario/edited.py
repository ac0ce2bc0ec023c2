"""Changes the numbers of windows on their way from the features room to the detectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from vedette.features.extract import Extractor
from vedette.pipeline import Shard
from vedette.records.batch import SafeBatch
from vedette.records.window import Window

Edit = Callable[[Window], Window]


class Edited:
    """An extractor whose windows are edited; all else is the extractor's own."""

    def __init__(self, inner: Extractor, edit: Edit) -> None:
        self._inner, self._edit = inner, edit

    def step(self, batches: Sequence[SafeBatch], tick: int | None = None) -> Iterator[Window]:
        return map(self._edit, self._inner.step(batches, tick))

    def flush(self) -> Iterator[Window]:
        return map(self._edit, self._inner.flush())

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def edited(model: Shard, edits: Iterable[Edit]) -> Shard:
    """Let a shard see edited windows from now on."""

    def edit(window: Window) -> Window:
        for change in edits:
            window = change(window)
        return window

    model.extract = Edited(model.extract, edit)  # type: ignore[assignment]
    return model


def with_number(slot: int, change: Callable[[float], float], start: int, end: int) -> Edit:
    """Return an edit that changes the number of one series in the windows from `start` to `end` (ns)."""

    def edit(window: Window) -> Window:
        if not start <= window.start < end:
            return window
        value = window.measures.value.copy()
        for row in (window.measures.slot == slot).nonzero()[0]:
            value[row] = change(float(value[row]))
        return replace(window, measures=replace(window.measures, value=value))

    return edit
