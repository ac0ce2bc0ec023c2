"""`payload`: is this value built as the values of this parameter are?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import payload as kernel
from vedette.state.tree import Tree

VERSION: Final = 1

SETTLED: Final = 100.0
"""Values after which a profile has half of its weight: then a class never seen is rarer than a few in a hundred."""

OUTLIER: Final = 3.0
"""Decades from which a value teaches little."""

LITTLE: Final = 0.002
"""What an outlier teaches: a lasting change of a parameter is learned after some 500 values: what is rare in general
(a ``<``) needs few to seem usual, so outliers must weigh almost nothing."""

MEMORY: Final = 50_000.0
"""Values after which a profile's past counts half: float32 holds such counts exactly."""

MAX_PROFILES: Final = 1 << 15
"""Parameters that have a profile: 25 MB."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Values:
    """Values of parameters in the order of their requests."""

    data: NDArray[np.uint8]
    """All values' bytes."""
    ends: Ints
    """Where each begins and the last ends, shape ``(n + 1,)``."""
    slot: Ints
    """Profile of each, -1 for none."""
    row: Ints
    """Request of each, never falling."""
    code: Floats
    """Decades by which each reads like code, from `vedette.features.syntax.judge`."""
    trusted: NDArray[np.bool_]
    """Known to be benign: learned fully, whatever it looks like."""


class Payload:
    """The make-up of the values of every parameter: classes of characters, neighbours and length; never a value.

    Notes
    -----
    A parameter's profile counts in how many of its values each class of character occurs, and each pair of
    neighbouring groups. A class that n values did not have is judged to have a chance of about ``4·p/(n + 4)``,
    with p its usual share; what is beyond two decades counts, the strongest whole, the others by half (they are not
    independent). Length counts where it is beyond the longest learned, two decades a doubling. The profile's say
    grows with what it has seen; a half of it is added to the decades of the prior on code. Where trusted values
    read like code, as in the field of a snippet, that prior counts less: nothing where all of them do.

    It works from some hundred values on. It fails on attacks made as usual values are (``id``, another user's
    number), on parameters that take anything, and it learns an attack that comes in trusted rows.

    Parameters
    ----------
    max_profiles
        Parameters that can have a profile; later ones are judged by the prior only and counted as `blind`.

    Cost: about 1 µs a value of 40 bytes to score and learn; 740 bytes a parameter.

    References
    ----------
    C. Kruegel, G. Vigna, Anomaly detection of web-based attacks, CCS 2003 (models of length, characters, structure
    and presence by parameter); we use presence of classes for their distribution, as it needs no length.
    """

    name = "payload"

    def __init__(self, max_profiles: int = MAX_PROFILES) -> None:
        self._max = max_profiles
        self._profiles = np.zeros((0, kernel.NUMBERS), np.float32)
        self.blind = 0
        """Parameters that got no profile because there were too many."""

    def grow(self, count: int) -> None:
        """Make room for so many further parameters, as far as the bound allows."""
        room = max(self._max - len(self._profiles), 0)
        self.blind += max(count - room, 0)
        added = np.zeros((min(count, room), kernel.NUMBERS), np.float32)
        self._profiles = np.concatenate([self._profiles, added])

    def walk(self, values: Values) -> tuple[Floats, Floats]:
        """Judge, then learn, request by request.

        Returns
        -------
        Decades of rarity, shape ``(n,)``, and what is strange, ``(n, kernel.OUT)``, by the requests before each.
        """
        out, told = np.empty((len(values.slot), kernel.OUT)), np.empty(len(values.slot))
        kernel.walk(
            values.data,
            values.ends,
            self._within(values.slot),
            values.row,
            values.code,
            values.trusted,
            self._profiles,
            np.array([SETTLED, OUTLIER, LITTLE, MEMORY]),
            out,
            told,
        )
        return told, out

    def score(self, values: Values) -> Floats:
        """Return the decades of each value by what was learned before, shape ``(n,)``; nothing is learned."""
        out, slot = np.empty((len(values.slot), kernel.OUT)), self._within(values.slot)
        kernel.score(values.data, values.ends, slot, self._profiles, out)
        profiled = zip(slot.tolist(), values.code.tolist(), out, strict=True)
        nothing = np.zeros(kernel.NUMBERS, np.float32)
        told = [
            kernel.verdict(self._profiles[at] if at >= 0 else nothing, row, code, SETTLED) for at, code, row in profiled
        ]
        return np.array(told, np.float64)

    def learn(self, values: Values, decades: Floats) -> None:
        """Take the values in; those that were judged outliers teach little unless trusted."""
        weight = np.where(values.trusted | (decades < OUTLIER), 1.0, LITTLE)
        code = values.trusted & (values.code >= OUTLIER)
        kernel.learn(values.data, values.ends, self._within(values.slot), self._profiles, weight, code, MEMORY)

    def seen(self, slot: int) -> float:
        """Return how many values, by weight, a profile has learned."""
        return float(self._profiles[slot, kernel.SEEN]) if 0 <= slot < len(self._profiles) else 0.0

    def _within(self, slots: Ints) -> Ints:
        return np.where(slots < len(self._profiles), slots, -1)

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        return {"version": VERSION, "profiles": self._profiles.copy(), "blind": self.blind}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version or shape."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"payload state: got version {tree.get('version')!r}, expected {VERSION}")
        profiles = np.array(tree["profiles"], np.float32)
        if profiles.ndim != 2 or profiles.shape[1] != kernel.NUMBERS:
            raise StateCorrupt(f"payload state: got profiles of shape {profiles.shape}, expected (n, {kernel.NUMBERS})")
        self._profiles = profiles
        self.blind = int(tree["blind"])

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return self._profiles.nbytes


def values_of(
    texts: Sequence[str], slots: Sequence[int], rows: Sequence[int], code: Sequence[float], trusted: Sequence[bool]
) -> Values:
    """Return values given as text."""
    encoded = [text.encode("utf-8", "replace") for text in texts]
    ends = np.concatenate([[0], np.cumsum([len(one) for one in encoded])]).astype(np.int64)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    return Values(
        data,
        ends,
        np.array(slots, np.int64),
        np.array(rows, np.int64),
        np.array(code, np.float64),
        np.array(trusted, np.bool_),
    )
