"""`sequence`: is this session made of what sessions are made of, in an order that sessions have?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log10
from typing import Final

from vedette.detectors.order import MAX_PAIRS, Order, Pair, Steps
from vedette.errors import StateCorrupt
from vedette.state.tree import Tree

VERSION: Final = 2

LEAST_SUPPORT: Final = 2
"""Sessions that must have had a template before it counts as usual: one may itself be the anomaly."""

BAR: Final = 0.01
"""Chance of something new, as estimated from the past, below which something new is an alert."""

ORDER_BAR: Final = 0.001
"""The same for a pair of neighbors never met: at `BAR`, false alerts rose from 3.6 to 6.4 and from 3.0 to 7.2 in the
means of five splits of two public sets, for 0.9 and 0.0 points of recall."""

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

MOST_SESSIONS: Final = 1 << 17
"""Sessions after which all counts are halved: what a release of long ago did is forgotten, and memory has a bound."""

Shape = tuple[tuple[int, int], ...]
"""How often each template occurs, in order of template."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Evidence in decades (0: nothing new), whether it is enough for an alert, and what was new."""

    decades: float
    alert: bool
    reason: str


USUAL: Final = Verdict(0.0, False, "")

OF_WHOLE: Final = frozenset({"set", "rare set", "counts"})
"""Reasons that only a session which is over can have: more lines may make it usual."""


class Sequences:
    """The count vectors of past sessions, and what follows from them.

    Notes
    -----
    A session is strange if it has a template that fewer than two sessions had, if it has a set of templates
    that none had, counts of them that none had while counts hardly vary in sessions of this set, or a template after
    another that none had there. Templates whose count varies while all else is equal (retries, reads) are left out of
    sets and counts. How
    strange it is, is the chance that a session brings something new of that sort, from how many kinds were seen once
    only (Good and Turing): where sessions are all different, nothing is strange, and no alert is given. So a cold
    start is silent: 100 sessions at least are needed.

    With a past that is not vouched for (`trusted` false), a kind of session also must have its share to be usual.

    It fails on the order of lines that many threads write at once, where any may follow any: it is silent there. It
    fails on faults that change no line's kind, and on faults that were usual while it learned. Sessions with an alert
    are not learned, so that a wave of faults does not become normal: after a new release that changes the lines
    it keeps alerting until it is trained anew. (In one public set a kind that came up late, a third of all
    sessions by then, was alerted 500 times so; had alerts been learned, faults that came as often were missed.)

    Parameters
    ----------
    trusted
        Whether what is learned is known to be ordinary.
    max_shapes, max_pairs
        Different count vectors and pairs of neighbors held.

    Cost: 5 µs a session to judge or learn and 0.1 µs a line; each 5 % more sessions, 20 µs a count vector. 200 bytes a
    vector or pair.

    References
    ----------
    Q. Lin et al., Log clustering based problem identification, ICSE 2016 (nearest count vector).
    I. Good, The population frequencies of species, Biometrika 40, 1953.
    """

    name = "sequence"

    def __init__(self, trusted: bool = False, max_shapes: int = MAX_SHAPES, max_pairs: int = MAX_PAIRS) -> None:
        self.trusted = trusted
        self.refused = 0
        """Sessions not learned because the table was full."""
        self._max_shapes = max_shapes
        self._shapes: Counter[Shape] = Counter()
        self._order = Order(max_pairs)
        self.sessions = 0
        """Sessions learned; with those that were forgotten counted as far as they are still known."""
        self._derived = 0
        self._derive()

    def score(self, shape: Shape, steps: Steps = ()) -> Verdict:
        """Judge a session by those learned before it; `steps` are its lines' templates, () where order says nothing."""
        if any(self.support(template) < LEAST_SUPPORT for template, _ in shape):
            return self._new(self._chance(self._support), "template")
        fixed = self._fixed(shape)
        kind = _kind(fixed)
        seen = self._kinds[kind]
        if not seen:
            return self._new(self._chance(self._kinds), "set")
        if not self.trusted and seen < RARE_SHARE * self.sessions:
            return self._new(max(self._chance(self._kinds), seen / self.sessions * BAR / RARE_SHARE), "rare set")
        if fixed not in self._counts:
            return self._new(self._chance_of_counts(kind, seen), "counts")
        if rare := self.rare_pairs(steps):
            known = min(map(self._order.support, rare))
            return self._new(max(self._order.singles() + 1, known) / (self.sessions + 2), "order", ORDER_BAR)
        return USUAL

    def _new(self, chance: float, reason: str, bar: float = BAR) -> Verdict:
        return Verdict(max(-log10(chance), 0.0), chance <= bar, reason)

    def _chance(self, seen: Counter[int] | Counter[frozenset[int]]) -> float:
        """Return the chance that a session has something of a sort that none had."""
        return (sum(count == 1 for count in seen.values()) + 1) / (self.sessions + 2)

    def _chance_of_counts(self, kind: frozenset[int], seen: int) -> float:
        """Return the chance that a session of a kind has counts that none of its `seen` sessions had.

        Where the past is vouched for, a kind of few sessions is taken to vary as all kinds do, after their first one:
        one ordinary session must not vouch for whatever has the same lines. Elsewhere it may be the anomaly itself.
        """
        variants = self._variants[kind]
        if not self.trusted:
            return (variants + 1) / (seen + 2)
        kinds = len(self._kinds)
        usual = (len(self._counts) - kinds + 1) / (self.sessions - kinds + 2)
        return max(usual, (variants - 1 + usual) / seen)

    def support(self, template: int) -> int:
        """Return how many sessions had a template."""
        return self._support[template]

    def rare_pairs(self, steps: Steps) -> list[Pair]:
        """Return the pairs of neighbors that no session had, or too few of a past not vouched for, in their order."""
        return self._order.rare(steps, 1.0 if self.trusted else max(1.0, ORDER_BAR * self.sessions))

    def followed(self, pair: Pair) -> int:
        """Return how many sessions had a pair of neighbors."""
        return self._order.support(pair)

    def nearest(self, shape: Shape) -> tuple[frozenset[int], frozenset[int]]:
        """Return what a session lacks, and what it has beyond it, of the usual set of templates that is most like it.

        Templates whose count varies freely are left out; both are empty where nothing is usual.
        """
        kind = _kind(self._fixed(shape))
        least = max(LEAST_SUPPORT, 0.0 if self.trusted else RARE_SHARE * self.sessions)
        usual = [(len(one ^ kind), -seen, sorted(one)) for one, seen in self._kinds.items() if seen >= least]
        other = frozenset(min(usual)[2]) if usual else kind
        return other - kind, kind - other

    def twin(self, shape: Shape) -> Shape:
        """Return the most frequent count vector with the same templates; () for none."""
        kind = _kind(self._fixed(shape))
        alike = [(-seen, one) for one, seen in self._shapes.items() if _kind(self._fixed(one)) == kind]
        return min(alike)[1] if alike else ()

    def knows(self, shape: Shape) -> bool:
        """Say whether a session had exactly these counts."""
        return shape in self._shapes

    def learn(self, shape: Shape, steps: Steps = (), times: int = 1) -> None:
        """Take `times` sessions in that were all alike; () as steps leaves their order out."""
        if shape not in self._shapes and len(self._shapes) >= self._max_shapes:
            self.refused += times
            return
        self._shapes[shape] += times
        self.sessions += times
        self._order.learn(steps, times)
        if self.sessions >= MOST_SESSIONS:
            self._fade()
        if self.sessions >= self._derived * GROWTH or self.sessions < self._derived:
            self._derive()
        else:
            self._count(shape, times)

    def _fade(self) -> None:
        """Halve all counts."""
        self._shapes = Counter({shape: count // 2 for shape, count in self._shapes.items() if count > 1})
        self._order.fade()
        self.sessions = self._shapes.total()

    def _derive(self) -> None:
        """Count anew, as templates may have become free."""
        self._derived = self.sessions
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
        least = max(LEAST_FREE, FREE_SHARE * self.sessions)
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
            "order": self._order.snapshot(),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"sequence state: got version {tree.get('version')!r}, expected {VERSION}")
        self.trusted, self.refused = bool(tree["trusted"]), int(tree["refused"])
        self._shapes = Counter({tuple((t, n) for t, n in shape): count for shape, count in tree["shapes"]})
        self._order.restore(tree["order"])
        self.sessions = self._shapes.total()
        self._derived, self._free = int(tree["derived"]), frozenset(tree["free"])
        self._recount()

    @property
    def size(self) -> int:
        """Count vectors and pairs held."""
        return len(self._shapes) + len(self._order)

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes, estimated."""
        return sum(150 + 16 * len(shape) for shape in self._shapes) + 200 * len(self._order)


def shape_of(templates: Iterable[int]) -> Shape:
    """Return how often each template occurs.

    >>> shape_of([5, 3, 5])
    ((3, 1), (5, 2))
    """
    return tuple(sorted(Counter(templates).items()))


def _kind(shape: Shape) -> frozenset[int]:
    return frozenset(template for template, _ in shape)
