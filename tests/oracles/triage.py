"""Triage in plain Python: dictionaries and lists, without a bar that rises."""

from __future__ import annotations

from math import exp, expm1, log10

from vedette.detectors.triage import (
    AGAIN,
    APART,
    FADE,
    GAP,
    LEARN,
    LEAST,
    MORE,
    MOST,
    NEED,
    OFTEN,
    PRIOR,
    QUIET,
    SHARE,
    SPAN,
    TOGETHER,
    VISIT,
)

NEVER = float("-inf")


class Triage:
    """Judges alerts one by one: time, name, host."""

    def __init__(self) -> None:
        self.first = NEVER
        self.companions: dict[int, list[int]] = {}
        self.visits: dict[tuple[int, int], set[float]] = {}
        self.seen: dict[tuple[int, int], float] = {}
        self.latest: dict[int, tuple[int, float]] = {}
        self.counts: dict[str, float] = {}
        self.counted = NEVER
        self.near: list[tuple[float, tuple[int, int], float]] = []
        self.told_at: dict[tuple[int, int], float] = {}
        self.told_last = NEVER

    def judge(self, time: float, name: int, host: int) -> tuple[float, bool]:
        """Return the evidence, and whether it is told."""
        pair = (name, host)
        self.first = time if self.first == NEVER else self.first
        before, when = self.latest.get(host, (-1, NEVER))
        before = before if time - when <= TOGETHER else -1
        sort, evidence, told = self.sort(time, name, pair), 0.0, False
        if sort:
            weight = self.surprise(sort, time, SHARE if before in self.companions.get(name, []) else 1.0)
            if time - self.first >= LEARN:
                evidence, told = self.add(time, pair, weight)
        self.visits.setdefault(pair, set()).add(time // VISIT)
        companions = self.companions.setdefault(name, [])
        if before >= 0 and before != name and before not in companions:
            companions.append(before)
        self.seen[pair], self.latest[host] = time, (name, time)
        return evidence, told

    def sort(self, time: float, name: int, pair: tuple[int, int]) -> str:
        visits = self.visits.get(pair, set())
        if name not in self.companions:
            return "new name"
        if not visits:
            return "new pair"
        if time // VISIT in visits or len(visits) * 86_400 / max(time - self.first, 3600) > OFTEN:
            return ""
        return "silent" if time - self.seen[pair] > GAP else "rare"

    def surprise(self, sort: str, time: float, share: float) -> float:
        fade = exp(-(time - self.counted) / FADE)
        self.counts = {one: count * fade for one, count in self.counts.items()}
        self.counted = time
        possible = self.first + (GAP if sort == "silent" else 0.0)
        watched = FADE * (1.0 - exp(-max(time - possible, 0.0) / FADE)) + 3600.0
        rate = (self.counts.get(sort, 0.0) + PRIOR) / watched
        self.counts[sort] = self.counts.get(sort, 0.0) + share
        return share * min(-log10(-expm1(-rate * SPAN)), MOST)

    def add(self, time: float, pair: tuple[int, int], weight: float) -> tuple[float, bool]:
        self.near = [one for one in self.near if one[0] > time - SPAN]
        if all(one[1] != pair for one in self.near):
            self.near.append((time, pair, weight))
        evidence = sum(one[2] for one in self.near)
        is_open = time - self.told_last <= QUIET
        enough = evidence >= MORE and weight >= LEAST if is_open else evidence >= NEED
        told = enough and time - self.told_at.get(pair, NEVER) >= AGAIN and time - self.told_last >= APART
        if told:
            self.told_at[pair] = self.told_last = time
        return evidence, told
