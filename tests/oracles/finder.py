"""Looking for texts, one by one."""

from __future__ import annotations

from collections.abc import Sequence

from vedette.kernels.finder import CONTAINS, ENDS, STARTS


def find(values: Sequence[str], wanted: Sequence[tuple[str, int, int]], fold: bool) -> set[tuple[int, int]]:
    """Return ``(value, target)`` of every text that stands where it must."""
    found = set()
    for row, value in enumerate(values):
        value = value.lower() if fold else value
        for text, place, target in wanted:
            if place == CONTAINS:
                there = text in value
            elif place == STARTS:
                there = value.startswith(text)
            elif place == ENDS:
                there = value.endswith(text)
            else:
                there = value == text
            if there:
                found.add((row, target))
    return found
