"""Triage in plain Python: dictionaries and a list."""

from __future__ import annotations

from vedette.detectors.triage import AGAIN, APART, LEARN, NEED, RARE, SPAN, VISIT
from vedette.kernels.triage import NEW_NAME, NEW_PAIR, RARE_PAIR


def triage(rows: list[tuple[float, int, int]]) -> list[bool]:
    """Which alerts are told: rows are (time, name, pair), in order of time."""
    names, visits, near = set[int](), dict[int, set[float]](), list[tuple[float, int, float]]()
    told_at, latest, out = dict[int, float](), float("-inf"), []
    for time, name, pair in rows:
        mine = visits.setdefault(pair, set())
        days = max((time - rows[0][0]) / 86_400, 1 / 24)
        rare = time // VISIT not in mine and len(mine) / days <= RARE
        weight = NEW_NAME if name not in names else NEW_PAIR if not mine else RARE_PAIR if rare else 0.0
        told = False
        if weight and time - rows[0][0] >= LEARN:
            near = [one for one in near if one[0] > time - SPAN]
            if all(one[1] != pair for one in near):
                near.append((time, pair, weight))
            enough = sum(one[2] for one in near) >= NEED
            told = enough and time - told_at.get(pair, float("-inf")) >= AGAIN and time - latest >= APART
        if told:
            told_at[pair] = latest = time
        mine.add(time // VISIT)
        names.add(name)
        out.append(told)
    return out
