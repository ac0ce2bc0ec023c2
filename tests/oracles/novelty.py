"""What a scope has seen, the obvious way: dictionaries, one item after the other."""

from dataclasses import dataclass, field
from math import exp, log10


@dataclass
class Item:
    visits: float
    when: float
    credit: float


@dataclass
class Scope:
    """One scope; times in seconds, memory in seconds."""

    memory: float
    visits: float = 0.0
    singles: float = 0.0
    events: float = 0.0
    when: float = 0.0
    items: dict[int, Item] = field(default_factory=dict)

    def chance(self, seconds: float, item: int) -> float:
        left = exp(-(seconds - self.when) / self.memory)
        whole = self.visits * left + 2
        chance = (self.singles * left + 1) / whole
        if item in self.items:
            known = self.items[item]
            chance += known.visits * exp(-(seconds - known.when) / self.memory) / whole
        return min(chance, 1.0)

    def surprise(self, seconds: float, item: int, count: int) -> float:
        chance = self.chance(seconds, item)
        if chance >= 0.02:
            return 0.0
        usual = max(2 * self.events / max(self.visits, 1), 2)
        return min(-log10(chance) - (count - 1) * log10(1 - 1 / usual), 300.0)

    def learn(self, seconds: float, window: dict[int, int]) -> None:
        """Take a window in: item → occurrences."""
        left = exp(-(seconds - self.when) / self.memory)
        self.visits, self.singles, self.events = self.visits * left, self.singles * left, self.events * left
        self.when = seconds
        bearable = 2 + len(window) * 2 * (self.singles + 1) / (self.visits + 2)
        fresh = [item for item in window if item not in self.items]
        for item, count in window.items():
            self.visits += 1
            self.events += min(count, 50)
            if item in fresh:
                credit = min(1.0, bearable / len(fresh))
                self.items[item] = Item(1.0, seconds, credit)
                self.singles += credit
                continue
            known = self.items[item]
            old = exp(-(seconds - known.when) / self.memory)
            self.singles = max(self.singles - known.credit * old, 0.0)
            self.items[item] = Item(known.visits * old + 1, seconds, 0.0)

    def forget(self, item: int) -> None:
        """Make an item one that was never seen."""
        if item in self.items:
            known = self.items[item]
            self.singles = max(self.singles - known.credit * exp(-(self.when - known.when) / self.memory), 0.0)
            self.items[item] = Item(0.0, known.when, 0.0)
