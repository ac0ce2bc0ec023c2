"""Paths to routes by learning: ids collapse, and a scan's invented paths make no segments.

What is learned in a window takes effect `SETTLE` windows later, when that window is surely closed, so a
route never depends on how the stream was cut.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.features.columns import Labels, Texts, distinct
from vedette.kernels.paths import folded
from vedette.kernels.vocabulary import Vocabulary
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

REMEMBERED: Final = 1 << 16
"""Folded paths whose places are kept at hand."""

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
        self._paths = Vocabulary()
        self._parts: list[tuple[str, ...]] = []

    def assign(self, paths: Texts, window: Ints, status: NDArray[np.float64]) -> Labels:
        """Return each row's route; only answered requests (status below 400, or none) teach new ones."""
        path = self._numbered(paths)
        answered = ~(status >= 400)
        windows, place = distinct(window)
        combined = (path * len(windows) + place) * 2 + answered
        keys, row = distinct(np.where(path < 0, -1, combined))
        sorts = [self._sort(key, windows) if key >= 0 else ((), 0, False) for key in keys.tolist()]
        for names, first, good in sorts:
            if good and names:
                self._learn(names, first)
        routes = [self._route(*sort) for sort in sorts]
        values = list(dict.fromkeys(route for route in routes if route))
        numbers = {route: number for number, route in enumerate(values)} | {"": -1}
        codes: Ints = np.array([numbers[route] for route in routes], np.int64)[row]
        return Labels(codes, values)

    def _numbered(self, paths: Texts) -> Ints:
        """Return the number of each row's folded path, -1 for none; `_parts` holds the places of each."""
        if len(self._paths) > REMEMBERED:
            self._paths, self._parts = Vocabulary(), []
        number = Texts(paths.codes, *folded(paths.data, paths.ends)).numbers(self._paths, 1 << 31)
        self._parts += [places(self._paths.text(fresh)) for fresh in range(len(self._parts), len(self._paths))]
        return number

    def _sort(self, key: int, windows: Ints) -> tuple[tuple[str, ...], int, bool]:
        path, place = divmod(key // 2, len(windows))
        return self._parts[path], int(windows[place]), bool(key % 2)

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
