"""Which service is the cause: evidence along the graph of calls, gathered over windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.state.tree import Tree
from vedette.stats.tail import TailBank

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TOUCHED: Final = 0.5
"""Chance that a way from or to the service at fault, or its own operations, show it: nothing is known of faults."""

FREEDOM: Final = 4.0
"""Degrees of freedom of Student's t for deviations of times: few spans with heavy tails lie behind most of them."""

PRICE: Final = 1.5
"""Nats that a deviation must exceed to be evidence: its kind and its size were not foretold (Bayes' factor of a
deviation spread over ten spreads)."""

MOST: Final = 10.0
"""Nats that one way, or one service's times, can give; and half of what its shapes can: no single number decides."""

HALF_LIFE: Final = 120.0
"""Seconds after which half of the evidence is left: two windows, so that a cause that shows in bursts stays."""

SHARP: Final = 4.0
"""Nats by which a service must lead for its share to be e times that of the next; above 1, as evidence within a
window is not independent."""

HALF: Final = 4.0
"""Nats that make half a score, and half a certainty that something is wrong: odds of fifty to one, of which looking
at dozens of services takes most."""

BAR: Final = 5.0
"""Nats, of those that the service's own past bears out, from which a suspected root is told. Simulated days had none
in calm, and one with heavy tails, a daily rhythm and three failures in a hundred; at 3 nats it were two."""

HOLD: Final = 300.0
"""Seconds without evidence that end an episode: five windows, in which evidence fades to a sixth."""


@dataclass(frozen=True, slots=True)
class Clues:
    """Evidence of one window, in nats: of a service's own times, of ways between two services, of shapes."""

    own: tuple[Ints, Floats]
    """Service, evidence of its times."""
    ways: tuple[Ints, Ints, Floats]
    """Caller, callee, evidence of times."""
    shapes: tuple[Ints, Ints, Floats]
    """Service, callee or -1, surprise in nats of what a service does, or of a call to the callee."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """By service: what the window says of it (0–1), how likely it is the cause (0–1), and where an episode begins."""

    score: Floats
    root: Floats
    alert: NDArray[np.bool_]


def evidence(z: Floats) -> Floats:
    """Return the log-likelihood ratio of "may be touched by a fault" to "ordinary" of deviations z, in nats.

    ``log(1 - q + q · t4(z))`` with the chance q of being touched: ordinary numbers speak against, a little.

    >>> evidence(np.array([0.0, 3.0, 30.0])).round(2).tolist()
    [-0.49, 0.96, 9.31]
    """
    odds = 0.5 * (FREEDOM + 1.0) * np.log1p(np.maximum(z, 0.0) ** 2 / FREEDOM) - PRICE
    found: Floats = np.log1p(TOUCHED * np.expm1(np.minimum(odds, MOST)))
    return found


def blame(clues: Clues, services: int) -> Floats:
    """Return the evidence in nats that each service is at fault, shape ``(services,)``.

    A way speaks for both of its ends; the end whose other ways are ordinary is outweighed. An odd shape speaks for
    its service, that of a call for both ends.
    """
    total, shapes = np.zeros(services), np.zeros(services)
    np.add.at(total, clues.own[0], clues.own[1])
    for end in clues.ways[:2]:
        np.add.at(total, end, clues.ways[2])
    service, callee, surprise = clues.shapes
    worth = np.maximum(surprise - PRICE, 0.0)
    np.add.at(shapes, service, worth)
    np.add.at(shapes, callee[callee >= 0], worth[callee >= 0])
    blamed: Floats = total + np.minimum(shapes, 2.0 * MOST)
    return blamed


class Suspects:
    """Evidence against each service, fading, and the episodes that were told.

    Notes
    -----
    Roots are ranked by the evidence itself. Whether to alert is judged by as much of it as is rare in the service's
    own past (`vedette.stats.tail`), so that a service which fails in bursts every hour is no news.

    It works where a fault shows in the service's own times, in what it does, or on most of its ways. **It fails**
    where a service answers in time and in shape but wrongly: the caller that stumbles over the answer is blamed; and
    where only one way is seen of either end: then the one with fewer ordinary numbers is.

    Cost: some 10 µs a window; 280 bytes a service.
    """

    def __init__(self, services: int) -> None:
        self._evidence = np.zeros(services)
        self._rare = np.zeros(services)
        self._tail = TailBank()
        self._tail.grow(services)
        self._latest = -np.inf
        self._told = np.full(services, -np.inf)

    def judge(self, start: float, blamed: Floats) -> Verdict:
        """Take the evidence of the window that begins at `start` seconds in, and say how matters stand."""
        # a fault need not show in every window, so that an ordinary one does not count against it
        found = np.maximum(blamed, 0.0)
        fade = 0.5 ** ((start - self._latest) / HALF_LIFE) if np.isfinite(self._latest) else 0.0
        self._latest = start
        self._evidence = fade * self._evidence + found
        self._rare = fade * self._rare + self._rarity(found)
        highest = self._evidence.max(initial=0.0)
        weight = _certainty(self._evidence) * np.exp((self._evidence - highest) / SHARP)
        share = weight / max(float(weight.sum()), 1e-12)
        suspected = (share > 0.5) & (self._rare >= BAR) & (blamed > 0.0)
        alert = suspected & (start - self._told >= HOLD)
        self._told[suspected] = start
        return Verdict(_certainty(found), share * _certainty(highest), alert)

    def _rarity(self, found: Floats) -> Floats:
        """Return the evidence as far as the service's own past bears it out, then remember it."""
        slot, surprise = np.arange(len(found), dtype=np.int32), found / np.log(10.0)
        rare = np.minimum(found, -np.log(self._tail.p_value(slot, surprise)))
        taught = slot[self._rare < BAR]
        self._tail.learn(taught, surprise[taught])
        return rare

    def snapshot(self) -> Tree:
        """Return the whole state as arrays."""
        arrays = {name: getattr(self, f"_{name}").copy() for name in _STATE}
        return {**arrays, "latest": self._latest, "tail": self._tail.snapshot()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        for name in _STATE:
            setattr(self, f"_{name}", np.array(tree[name]))
        self._latest = float(tree["latest"])
        self._tail.restore(tree["tail"])


_STATE: Final = ("evidence", "rare", "told")


def _certainty(nats: Floats) -> Floats:
    certain: Floats = 1.0 - 2.0 ** (-nats / HALF)
    return certain
