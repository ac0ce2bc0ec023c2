"""The contract of every detector: a bank that scores, then learns, whole windows.

`vedette.testing.check_detector` holds an implementation to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from vedette.records.observation import Measures, Occurrences, Scope, Series, Space, Vectors
from vedette.records.score import Scores
from vedette.state.tree import Tree

Obs = TypeVar("Obs", Measures, Occurrences, Vectors, contravariant=True)
Key = TypeVar("Key", Series, Scope, Space, contravariant=True)


class Detector(Protocol[Obs, Key]):
    """The models of all series (or scopes) of a shard, as structure-of-arrays.

    Duties
    ------
    Slots are handed out by the caller: 0, 1, 2 … without holes, and `grow` is called before a slot
    is first observed. Windows arrive in order of their start; a slot may be absent from a window.
    No clock, no randomness without a seed, no I/O. A score depends on the model and the
    observation, never on the other rows of the batch. Scoring does not learn.
    """

    name: str

    def grow(self, keys: Sequence[Key]) -> None:
        """Make room for new slots: ``keys[i]`` describes slot ``size + i``."""
        ...

    def score(self, window: Obs) -> Scores:
        """Judge each row by what was learned before it."""
        ...

    def learn(self, window: Obs, surprise: NDArray[np.float64]) -> None:
        """Take the window into the models.

        ``surprise`` is what `score` said of each row, so that an outlier teaches less than a
        normal value, and never nothing: a lasting change must become the new normal in a
        stated time.
        """
        ...

    def snapshot(self) -> Tree:
        """Return the whole state as arrays and plain values; later learning must not change it."""
        ...

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        ...

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        ...
