"""`sequence`: is this session made of what sessions are made of?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log10
from typing import Final

from vedette.errors import StateCorrupt
from vedette.state.tree import Tree

VERSION: Final = 1

LEAST_SUPPORT: Final = 2
"""Sessions that must have had a template before it counts as usual: one may itself be the anomaly."""

BAR: Final = 0.01
"""Chance of something new, as estimated from the past, below which something new is an alert."""

RARE_SHARE: Final = 0.03
"""Share of sessions below which a kind is not usual where the past is not vouched for: about the share of faulty
sessions in published session logs, all of one kind at worst. Chosen, with `FREE_SHARE`, among 12 pairs on two
public sets: against 0.015 and 0.01, mean recall rose from .905 to 1.0 and from .56 to 1.0, false alerts from 564 to
564 and from 103 to 117, in four splits each."""

FREE_SHARE: Final = 0.015
"""Share of sessions that differ in the count of one template only, from which on that count is left open: half of
`RARE_SHARE`, as such a session and its like are counted apart; 0.01 to 0.03 were tried."""

LEAST_FREE: Final = 3
"""Sessions that must so differ, at least."""

GROWTH: Final = 1.05
"""Growth of the number of sessions after which what is derived from them is derived anew."""

MAX_SHAPES: Final = 20_000
"""Different count vectors held; sessions with later ones are judged, not learned."""

Shape = tuple[tuple[int, int], ...]
"""How often each template occurs, in order of template."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Evidence in decades (0: nothing new), whether it is enough for an alert, and what was new."""

    decades: float
    alert: bool
    reason: str


USUAL: Final = Verdict(0.0, False, "")


class Sequences:
    """The count vectors of past sessions, and what follows from them.

    Notes
    -----
    A session is strange if it has a template that fewer than two sessions had, if it has a set of templates
    that none had, or counts of them that none had while counts hardly vary in sessions of this set. Templates
    whose count varies while all else is equal (retries, reads) are left out of sets and counts. How
    strange it is, is the chance that a session brings something new of that sort, from how many kinds were seen once
    only (Good and Turing): where sessions are all different, nothing is strange, and no alert is given. So a cold
    start is silent: 100 sessions at least are needed.

    With a past that is not vouched for (`trusted` false), a kind of session also must have its share to be usual.

    It fails on order: the right lines in the wrong order are not seen, as sets and counts are the same. It fails on
    faults that change no line's kind, and on faults that were usual while it learned. Sessions with an alert
    are not learned, so that a wave of faults does not become normal: after a new release that changes the lines
    it keeps alerting until it is trained anew. (In one public set a kind that came up late, a third of all
    sessions by then, was alerted 500 times so; had alerts been learned, faults that came as often were missed.)

    Parameters
    ----------
    trusted
        Whether what is learned is known to be ordinary.

    Cost: 5 µs a session to judge or learn; each 5 % more sessions, 20 µs a count vector. 200 bytes a vector.

    References
    ----------
    Q. Lin et al., Log clustering based problem identification, ICSE 2016 (nearest count vector).
    I. Good, The population frequencies of species, Biometrika 40, 1953.
    """

    name = "sequence"

    def __init__(self, trusted: bool = False) -> None:
        self.trusted = trusted
        self.refused = 0
        """Sessions not learned because the table was full."""
        self._shapes: Counter[Shape] = Counter()
        self._sessions = 0
        self._derived = 0
        self._derive()

    def score(self, shape: Shape) -> Verdict:
        """Judge a session by those learned before it."""
        if any(self._support[template] < LEAST_SUPPORT for template, _ in shape):
            return self._new(self._chance(self._support), "template")
        fixed = self._fixed(shape)
        kind = _kind(fixed)
        seen = self._kinds[kind]
        if not seen:
            return self._new(self._chance(self._kinds), "set")
        if not self.trusted and seen < RARE_SHARE * self._sessions:
            return self._new(max(self._chance(self._kinds), seen / self._sessions * BAR / RARE_SHARE), "rare set")
        if fixed not in self._counts:
            return self._new((self._variants[kind] + 1) / (seen + 2), "counts")
        return USUAL

    def _new(self, chance: float, reason: str) -> Verdict:
        return Verdict(max(-log10(chance), 0.0), chance <= BAR, reason)

    def _chance(self, seen: Counter[int] | Counter[frozenset[int]]) -> float:
        """Return the chance that a session has something of a sort that none had."""
        return (sum(count == 1 for count in seen.values()) + 1) / (self._sessions + 2)

    def learn(self, shape: Shape) -> None:
        """Take a session in."""
        if shape not in self._shapes and len(self._shapes) >= MAX_SHAPES:
            self.refused += 1
            return
        self._shapes[shape] += 1
        self._sessions += 1
        if self._sessions >= self._derived * GROWTH:
            self._derive()
        else:
            self._count(shape, 1)

    def _derive(self) -> None:
        """Count anew, as templates may have become free."""
        self._derived = self._sessions
        self._free = self._varying()
        self._recount()

    def _recount(self) -> None:
        """Derive supports, kinds and counts from the count vectors, given what is free."""
        self._support: Counter[int] = Counter()
        self._kinds: Counter[frozenset[int]] = Counter()
        self._counts: set[Shape] = set()
        self._variants: Counter[frozenset[int]] = Counter()
        for shape, sessions in self._shapes.items():
            self._count(shape, sessions)

    def _count(self, shape: Shape, sessions: int) -> None:
        for template, _ in shape:
            self._support[template] += sessions
        fixed = self._fixed(shape)
        kind = _kind(fixed)
        self._kinds[kind] += sessions
        if fixed not in self._counts:
            self._counts.add(fixed)
            self._variants[kind] += 1

    def _varying(self) -> frozenset[int]:
        """Return the templates whose count varies while all else is equal, often enough."""
        most: Counter[int] = Counter()
        total: Counter[int] = Counter()
        of: dict[int, int] = {}
        for shape, sessions in self._shapes.items():
            for place, (template, _) in enumerate(shape):
                rest = shape[:place] + shape[place + 1 :]
                key = hash((template, rest))  # the rest itself would take megabytes where sessions are long
                if key not in of:
                    of[key] = template
                    total[key] = most[key] = self._shapes.get(rest, 0)
                total[key] += sessions
                most[key] = max(most[key], sessions)
        varied: Counter[int] = Counter()
        for key, template in of.items():
            varied[template] += total[key] - most[key]
        least = max(LEAST_FREE, FREE_SHARE * self._sessions)
        return frozenset(template for template, sessions in varied.items() if sessions >= least)

    def _fixed(self, shape: Shape) -> Shape:
        return tuple(pair for pair in shape if pair[0] not in self._free)

    def snapshot(self) -> Tree:
        """Return the whole state; later learning does not change it."""
        return {
            "version": VERSION,
            "trusted": self.trusted,
            "refused": self.refused,
            "derived": self._derived,
            "free": sorted(self._free),
            "shapes": [[[list(pair) for pair in shape], count] for shape, count in self._shapes.items()],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"sequence state: got version {tree.get('version')!r}, expected {VERSION}")
        self.trusted, self.refused = bool(tree["trusted"]), int(tree["refused"])
        self._shapes = Counter({tuple((t, n) for t, n in shape): count for shape, count in tree["shapes"]})
        self._sessions = sum(self._shapes.values())
        self._derived, self._free = int(tree["derived"]), frozenset(tree["free"])
        self._recount()

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes, estimated."""
        return sum(150 + 16 * len(shape) for shape in self._shapes)


def shape_of(templates: Iterable[int]) -> Shape:
    """Return how often each template occurs.

    >>> shape_of([5, 3, 5])
    ((3, 1), (5, 2))
    """
    return tuple(sorted(Counter(templates).items()))


def _kind(shape: Shape) -> frozenset[int]:
    return frozenset(template for template, _ in shape)
