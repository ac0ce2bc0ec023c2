"""Half-space trees point by point and node by node."""

from math import isnan, log2, sqrt


def leaf(point: list[float], feature: list[int], cut: list[float]) -> int:
    """Return the number that the answers spell in binary."""
    number = 0
    for place, bar in zip(feature, cut, strict=True):
        number = 2 * number + (point[place] >= bar)
    return number


def parts(leaves: list[int], masses: list[list[float]], features: list[list[int]], width: int) -> list[float]:
    """Return each feature's share of log2(whole / leaf), mean over trees, from the mass of every node passed."""
    shares = [0.0] * width
    for number, mass, feature in zip(leaves, masses, features, strict=True):
        depth = len(feature)
        above = sum(mass)
        for level, place in enumerate(feature):
            below = sum(
                value
                for other, value in enumerate(mass)
                if other >> (depth - 1 - level) == number >> (depth - 1 - level)
            )
            shares[place] += log2((above + 1) / (below + 1)) / len(leaves)
            above = below
    return shares


def unit(value: float, mean: float, variance: float, reach: float) -> float:
    """Return the place in [0, 1]: 0.5 is the mean, 0.25 and 0.75 lie `reach` spreads away."""
    if isnan(value):
        return 0.5
    spread = max(sqrt(variance), abs(mean) / 1000)
    away = (value - mean) / (reach * spread if spread else 1.0)
    return 0.5 + 0.5 * away / (1 + abs(away))


def follow(rows: list[tuple[float, float]], whole: float, mean: float, variance: float) -> tuple[float, float]:
    """Return mean and variance after rows of value and weight, where `whole` is the weight before them."""
    for value, weight in rows:
        whole += weight
        share = weight / whole
        new = mean if isnan(value) else (1 - share) * mean + share * value
        product = 0.0 if isnan(value) else (value - mean) * (value - new)
        mean, variance = new, (1 - share) * variance + share * product
    return mean, variance
