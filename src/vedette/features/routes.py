"""Paths to routes by learning: ids collapse, and a scan's invented paths make no segments.

What is learned in a window takes effect `SETTLE` windows later, when that window is surely closed, so a
route never depends on how the stream was cut.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.features.columns import Labels, distinct
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

MANY: Final = 25
"""More different names at one place of a path than this are values, not names."""

MAX_NAMES: Final = 4096
"""Names remembered at one place before they settle; beyond it a place counts as collapsed at once."""

MAX_DEPTH: Final = 8
SETTLE: Final = 2
UNKNOWN: Final = "{unknown}"
"""Route of refused requests for paths that never answered: typos, bots and scans."""

ANY: Final = "{*}"
ID: Final = "{id}"

VALUES: Final = r"\b(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{8,}|[0-9]+)\b"
"""What is a value wherever it stands: UUIDs, hashes, numbers. RE2: linear time."""

TOKEN: Final = re.compile(r"<\w+>|(?=(?:\D*\d){4})[\w~=+%-]{20,}")
"""What the privacy gate masked, and long words with several digits."""


class Place:
    """One place of a path: the names seen after the same prefix, each with its first window."""

    __slots__ = ("first", "names")

    def __init__(self, first: int) -> None:
        self.first = first
        self.names: dict[str, Place] = {}

    def collapsed_from(self, settle: int) -> int | None:
        """Return the window from which the names here count as values, None while they are few."""
        if len(self.names) <= MANY:
            return None
        if len(self.names) > MAX_NAMES:
            return 0
        firsts = sorted(place.first for name, place in self.names.items() if name != ANY)
        return firsts[MANY] + settle if len(firsts) > MANY else 0

    def step(self, name: str, window: int, settle: int) -> str:
        """Return the name under which this place is left in `window`."""
        since = self.collapsed_from(settle)
        return ANY if since is not None and window >= since else name


class Routes:
    """Learns the routes of paths.

    Parameters
    ----------
    width
        Length of a window, ns.
    """

    def __init__(self, width: int) -> None:
        self._settle = SETTLE * width
        self._root = Place(0)

    def assign(self, paths: Labels, window: Ints, status: NDArray[np.float64]) -> Labels:
        """Return each row's route; only answered requests (status below 400, or none) teach new ones."""
        paths = folded(paths)
        answered = ~(status >= 400)
        windows, place = np.unique(window, return_inverse=True)
        combined = (paths.codes * len(windows) + place) * 2 + answered
        keys, row = distinct(np.where(paths.codes < 0, -1, combined))
        sorts = [(key // 2 // len(windows), int(windows[key // 2 % len(windows)]), key % 2) for key in keys.tolist()]
        parts = [places(paths.values[code]) if key >= 0 else () for key, (code, _, _) in zip(keys, sorts, strict=True)]
        for names, (_, start, good) in zip(parts, sorts, strict=True):
            if good and names:
                self._learn(names, start)
        routes = [self._route(names, start, bool(good)) for names, (_, start, good) in zip(parts, sorts, strict=True)]
        values = list(dict.fromkeys(route for route in routes if route))
        numbers = {route: number for number, route in enumerate(values)} | {"": -1}
        codes: Ints = np.array([numbers[route] for route in routes], np.int64)[row]
        return Labels(codes, values)

    def _learn(self, names: tuple[str, ...], window: int) -> None:
        place = self._root
        for name in names:
            under = place.step(name, window, self._settle)
            place = place.names.setdefault(under, Place(window))
            place.first = min(place.first, window)

    def _route(self, names: tuple[str, ...], window: int, answered: bool) -> str:
        place, taken = self._root, []
        for name in names:
            under = place.step(name, window, self._settle)
            known = place.names.get(under)
            if known is None or (not answered and known.first + self._settle > window):
                return UNKNOWN
            place = known
            taken.append(under)
        return "/" + "/".join(taken) if names else ""

    def snapshot(self) -> Tree:
        """Return the learned places as nested rows."""
        return {"root": _rows(self._root)}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._root = _place(tree["root"])


def folded(paths: Labels) -> Labels:
    """Return the paths with numbers, hashes and UUIDs masked, so that far fewer distinct ones are left.

    >>> folded(Labels(np.array([0, 1]), ["/product/42", "/product/43"])).values
    ['/product/{id}']
    """
    masked = pc.replace_substring_regex(pa.array(paths.values, pa.string()), VALUES, ID).dictionary_encode()
    codes = np.append(masked.indices.to_numpy().astype(np.int64), -1)
    return Labels(codes[paths.codes], masked.dictionary.to_pylist())


@lru_cache(maxsize=1 << 14)
def places(path: str) -> tuple[str, ...]:
    """Return the places of a path; deep paths end in ``{…}``.

    >>> places("/product/{id}/app.{id}.js")
    ('product', '{id}', 'app.{id}.js')
    >>> places("/")
    ('',)
    """
    kept = [ID if TOKEN.fullmatch(place) else place[:128] for place in path.strip("/").split("/")]
    return tuple(kept) if len(kept) <= MAX_DEPTH else (*kept[:MAX_DEPTH], "{…}")


def _rows(place: Place) -> list[object]:
    return [place.first, [[name, _rows(child)] for name, child in place.names.items()]]


def _place(rows: list[object]) -> Place:
    first, names = rows
    place = Place(int(str(first)))
    if isinstance(names, list):
        place.names = {name: _place(child) for name, child in names}
    return place
