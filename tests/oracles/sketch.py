"""Quantiles and distinct counts the obvious way: keep every value."""

from math import ceil, floor, log


def bin_of(value: float, lowest: float, accuracy: float, bins: int) -> int:
    gamma = (1 + accuracy) / (1 - accuracy)
    if value <= lowest:
        return 0
    return min(max(1, ceil(log(value / lowest) / log(gamma))), bins - 1)


def quantile(values: list[float], q: float) -> float:
    """Return the sample at rank ``q · (n - 1)``, rounded down."""
    return sorted(values)[floor(q * (len(values) - 1))]


def registers(hashes: list[int], size: int = 256) -> list[int]:
    """Return the HyperLogLog registers of 64-bit hashes, by their binary digits as text."""
    out = [0] * size
    for value in hashes:
        digits = f"{value:064b}"
        register, rest = int(digits[:8], 2), digits[8:]
        rank = rest.index("1") + 1 if "1" in rest else 57
        out[register] = max(out[register], rank)
    return out


def estimate(registers_: list[int]) -> float:
    """Return Flajolet's estimate: harmonic mean, or linear counting when many registers are empty."""
    size = len(registers_)
    raw = 0.7213 / (1 + 1.079 / size) * size**2 / sum(2.0**-rank for rank in registers_)
    empty = registers_.count(0)
    return size * log(size / empty) if raw <= 2.5 * size and empty else raw
