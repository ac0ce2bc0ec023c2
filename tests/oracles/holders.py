"""The slow, obvious `vedette.kernels.holders`: sets in dictionaries."""

from collections import defaultdict


class SlowHolders:
    def __init__(self, pools: list[int]) -> None:
        self.pools = pools
        self.own: dict[int, set[int]] = defaultdict(set)

    def held(self, slot: int, item: int) -> int:
        if item in self.own[slot]:
            return -1
        return sum(item in self.own[k] for k in range(len(self.pools)) if self.pools[k] == self.pools[slot])

    def learn(self, slot: int, item: int) -> None:
        self.own[slot].add(item)
