"""Exponentially weighted levels, one number at a time."""


def follow(column: list[float], share: float, level: float) -> tuple[list[float], list[float]]:
    """Return the level before and after each number."""
    before, after = [], []
    for value in column:
        before.append(level)
        level = (1 - share) * level + share * value
        after.append(level)
    return before, after
