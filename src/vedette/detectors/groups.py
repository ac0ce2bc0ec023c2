"""Who behaves like whom: groups of entities learned from what they use and when."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.bytes import MIX1
from vedette.state.tree import Tree

WIDTH: Final = 96
"""Numbers of a profile: items by hash. Services and programs of an organization are some hundreds, of a role ten."""
MOST_GROUPS: Final = 12
MEMBERS: Final = 20
"""Entities for each group, at least: fewer say little of what is usual among them."""
ROUNDS: Final = 15
KEPT: Final = 0.97
"""What a profile keeps from day to day: a month."""

Floats = NDArray[np.float64]


class Groups:
    """Profiles of entities, and groups of like ones by spherical k-means.

    Notes
    -----
    A profile has the number of days on which an item, or an hour, occurred, by hash; less the mean of all
    profiles, so that what everyone uses does not count. The first center is the profile farthest from the mean,
    each next one that farthest from all before. It works where roles show in services, programs and hours. **It
    fails** for entities that do everything or next to nothing: they join whom they resemble by chance.

    Cost: 768 bytes an entity; 15 rounds of 12 products a profile, once a week.
    """

    def __init__(self) -> None:
        self._profile: Floats = np.zeros((0, WIDTH))

    def grow(self, count: int) -> None:
        """Make room for `count` more entities."""
        self._profile = np.concatenate([self._profile, np.zeros((count, WIDTH))])

    def learn(self, entity: NDArray[np.int64], item: NDArray[np.uint64]) -> None:
        """Take in a day's items, each once an entity."""
        place = (item * np.uint64(MIX1) >> np.uint64(33)).astype(np.int64) % WIDTH
        self._profile *= KEPT
        np.add.at(self._profile, (entity, place), 1.0)

    def labels(self) -> NDArray[np.int64]:
        """Return the group of every entity, 0 to 11."""
        count = int(np.clip(len(self._profile) // MEMBERS, 1, MOST_GROUPS))
        share = self._profile / np.maximum(self._profile.sum(axis=1, keepdims=True), 1e-9)
        unit = np.sqrt(share)
        unit = unit - unit.mean(axis=0)
        unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
        centers = unit[[int(np.argmax(self._profile.sum(axis=1)))]]
        while len(centers) < count:
            centers = np.concatenate([centers, unit[[int(np.argmin((unit @ centers.T).max(axis=1)))]]])
        label = np.zeros(len(unit), np.int64)
        for _ in range(ROUNDS):
            label = np.argmax(unit @ centers.T, axis=1)
            sums = np.zeros_like(centers)
            np.add.at(sums, label, unit)
            centers = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return label

    def snapshot(self) -> Tree:
        """Return the profiles; later learning does not change them."""
        return {"profile": self._profile.copy()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._profile = np.array(tree["profile"])
