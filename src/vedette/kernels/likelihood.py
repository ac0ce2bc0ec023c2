"""Tail probabilities on a logarithmic scale, for kernels: negative binomial and Student's t.

Natural logarithms throughout; results are clamped at `FLOOR`, beyond which nothing is told apart.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p, sqrt
from typing import Final

from numba import njit

FLOOR: Final = -690.0
"""Logarithm of the smallest probability: about 1e-300."""

_STEPS: Final = 300
_TINY: Final = 1e-300


@njit(cache=True, nogil=True)
def continued_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function (modified Lentz; DLMF 8.17.22)."""
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    total = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d = 1.0 + even * d
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        c = 1.0 + even / c
        c = c if abs(c) > _TINY else _TINY
        total *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d = 1.0 + odd * d
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        c = 1.0 + odd / c
        c = c if abs(c) > _TINY else _TINY
        total *= d * c
        if abs(d * c - 1.0) < 1e-10:
            break
    return total


@njit(cache=True, nogil=True)
def log_beta_cdf(a: float, b: float, x: float) -> float:
    """Return ``log I_x(a, b)``, the regularized incomplete beta function; a, b > 0, x in [0, 1]."""
    if x <= 0.0:
        return FLOOR
    if x >= 1.0:
        return 0.0
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    if x < (a + 1.0) / (a + b + 2.0):
        return min(0.0, max(FLOOR, front + log(continued_fraction(a, b, x)) - log(a)))
    other = front + log(continued_fraction(b, a, 1.0 - x)) - log(b)
    return max(FLOOR, log1p(-min(exp(min(other, 0.0)), 1.0 - 1e-16)))


@njit(cache=True, nogil=True)
def log_count_above(count: float, mean: float, dispersion: float) -> float:
    """Return ``log P(X ≥ count)`` of a negative binomial with variance ``mean + dispersion · mean²``."""
    if count <= 0.0:
        return 0.0
    size = 1.0 / dispersion
    return log_beta_cdf(count, size, mean / (mean + size))


@njit(cache=True, nogil=True)
def log_count_below(count: float, mean: float, dispersion: float) -> float:
    """Return ``log P(X ≤ count)`` of a negative binomial with variance ``mean + dispersion · mean²``."""
    size = 1.0 / dispersion
    return log_beta_cdf(size, count + 1.0, size / (mean + size))


@njit(cache=True, nogil=True)
def log_t_above(z: float, freedom: float) -> float:
    """Return ``log P(T ≥ z)`` of Student's t with `freedom` degrees of freedom."""
    half = log_beta_cdf(freedom / 2.0, 0.5, freedom / (freedom + z * z)) + log(0.5)
    return half if z >= 0.0 else log1p(-exp(half))


@njit(cache=True, nogil=True)
def spread(mean: float, dispersion: float) -> float:
    """Return the standard deviation of the negative binomial."""
    return sqrt(mean + dispersion * mean * mean)
