"""Logarithms of tail probabilities, safe far out in the tail, as scalars for other kernels.

``log_sf`` is ln P(X ≥ x) of a count and ln P(X > x) of a continuous number; ``log_cdf`` is
ln P(X ≤ x). Nothing here underflows: 1e-300 and smaller come out as their logarithm.

References
----------
W. Press et al.: Numerical Recipes 3rd ed., 6.4 (continued fraction of the incomplete beta, by the
modified Lentz method). M. Abramowitz, I. Stegun: 26.5.22 (normal approximation of the same).
"""

from __future__ import annotations

from math import erfc, exp, inf, lgamma, log, log1p, sqrt

import numpy as np
from numba import njit

_TINY = 1e-300
_LARGE = 3000.0
"""Both parameters beyond it: 26.5.22 is then good to 1e-4 of the deviate, and 40 times faster."""
_ROUNDS = 400
_SUM_SPREAD = 300.0
"""Beta-binomials with a wider spread are taken as a beta: a sum would have thousands of terms."""


@njit(cache=True, nogil=True, error_model="numpy")
def log_normal_sf(z: float) -> float:
    """Return ln P(Z > z) of a standard normal."""
    if z < 25.0:
        return log(max(0.5 * erfc(z / sqrt(2.0)), _TINY))
    inverse = 1.0 / (z * z)
    return -0.5 * z * z - log(z * sqrt(2.0 * np.pi)) + log1p(-inverse * (1.0 - 3.0 * inverse))


@njit(cache=True, nogil=True, error_model="numpy")
def _beta_fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function (Numerical Recipes 6.4.5)."""
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, _ROUNDS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0)),
        ):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + term / c
            c = c if abs(c) > _TINY else _TINY
            value *= d * c
        if abs(d * c - 1.0) < 1e-12:
            break
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def _log_complement(logarithm: float) -> float:
    """Return ln(1 - e^logarithm) for a logarithm below 0."""
    if logarithm >= 0.0:
        return -inf
    if logarithm > -0.7:
        return log(-np.expm1(logarithm))
    return log1p(-exp(logarithm))


@njit(cache=True, nogil=True, error_model="numpy")
def log_beta_cdf(x: float, y: float, a: float, b: float) -> float:
    """Return ln P(B ≤ x) of a beta(a, b); ``y = 1 - x`` is given so that it keeps its digits near 1."""
    if x <= 0.0:
        return -inf
    if y <= 0.0:
        return 0.0
    if a > _LARGE and b > _LARGE:
        left = (b * x) ** (1.0 / 3.0)
        right = (a * y) ** (1.0 / 3.0)
        spread = sqrt(left * left / b + right * right / a)
        return log_normal_sf(-3.0 * (left * (1.0 - 1.0 / (9.0 * b)) - right * (1.0 - 1.0 / (9.0 * a))) / spread)
    front = a * log(x) + b * log(y) + lgamma(a + b) - lgamma(a) - lgamma(b)
    if x < (a + 1.0) / (a + b + 2.0):
        return min(0.0, front + log(_beta_fraction(x, a, b)) - log(a))
    return _log_complement(front + log(_beta_fraction(y, b, a)) - log(b))


@njit(cache=True, nogil=True, error_model="numpy")
def log_beta_sf(x: float, y: float, a: float, b: float) -> float:
    """Return ln P(B > x) of a beta(a, b), with ``y = 1 - x``."""
    return log_beta_cdf(y, x, b, a)


@njit(cache=True, nogil=True, error_model="numpy")
def log_count_sf(x: float, mean: float, dispersion: float) -> float:
    """Return ln P(X ≥ x) of a negative binomial with variance ``mean + dispersion · mean²``.

    Towards dispersion 0 it is the Poisson. A fractional `x` lies between its neighbors.
    """
    if x <= 0.0:
        return 0.0
    size = 1.0 / max(dispersion, 1e-7)
    whole = size + mean
    return log_beta_cdf(mean / whole, size / whole, x, size)


@njit(cache=True, nogil=True, error_model="numpy")
def log_count_cdf(x: float, mean: float, dispersion: float) -> float:
    """Return ln P(X ≤ x) of the same negative binomial."""
    if x < 0.0:
        return -inf
    size = 1.0 / max(dispersion, 1e-7)
    whole = size + mean
    return log_beta_cdf(size / whole, mean / whole, size, x + 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _log_share_mass(k: float, n: float, a: float, b: float) -> float:
    """Return ln P(X = k) of a beta-binomial."""
    ways = lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0)
    return ways + lgamma(k + a) + lgamma(n - k + b) - lgamma(n + a + b) + lgamma(a + b) - lgamma(a) - lgamma(b)


@njit(cache=True, nogil=True, error_model="numpy")
def _log_share_sum(k: float, n: float, a: float, b: float) -> float:
    """Return ln P(X ≥ k) by adding terms from `k` upwards until they no longer count."""
    term = 1.0
    total = 1.0
    j = k
    while j < n and term > 1e-13 * total:
        term *= (n - j) * (j + a) / ((j + 1.0) * (n - j - 1.0 + b))
        total += term
        j += 1.0
    return min(0.0, _log_share_mass(k, n, a, b) + log(total))


@njit(cache=True, nogil=True, error_model="numpy")
def log_share_sf(k: float, n: float, mean: float, correlation: float) -> float:
    """Return ln P(X ≥ k) of a beta-binomial: k of n trials of mean share `mean` in (0, 1).

    Parameters
    ----------
    k, n
        Successes and trials; rounded to whole numbers.
    mean
        Expected share.
    correlation
        Of two trials of one window, in [0, 1): 0 is the binomial.
    """
    k = np.rint(k)
    n = np.rint(n)
    if k <= 0.0:
        return 0.0
    if k > n:
        return -inf
    correlation = min(max(correlation, 1e-6), 0.999)
    strength = 1.0 / correlation - 1.0
    variance = n * mean * (1.0 - mean) * (1.0 + (n - 1.0) * correlation)
    if variance > _SUM_SPREAD * _SUM_SPREAD:
        # the beta with the same two moments, and half a step for the whole numbers
        whole = n * n * mean * (1.0 - mean) / variance - 1.0
        x = (k - 0.5) / n
        return log_beta_sf(x, 1.0 - x, max(mean * whole, 1e-3), max((1.0 - mean) * whole, 1e-3))
    a = mean * strength
    b = (1.0 - mean) * strength
    if k >= n * mean:
        return _log_share_sum(k, n, a, b)
    return _log_complement(_log_share_sum(n - k + 1.0, n, b, a))


@njit(cache=True, nogil=True, error_model="numpy")
def log_share_cdf(k: float, n: float, mean: float, correlation: float) -> float:
    """Return ln P(X ≤ k) of the same beta-binomial."""
    return log_share_sf(np.rint(n) - np.rint(k), n, 1.0 - mean, correlation)


@njit(cache=True, nogil=True, error_model="numpy")
def log_student_sf(t: float) -> float:
    """Return ln P(T > t) of Student's t with 6 degrees of freedom.

    With s = t / √(6 + t²) it is (1 - s)³ (8 + 9 s + 3 s²) / 16, a closed form that keeps its digits.
    """
    root = sqrt(6.0 + t * t)
    s = t / root
    rest = 6.0 / (root * (root + t)) if t > 0.0 else 1.0 - s
    return 3.0 * log(rest) + log((8.0 + s * (9.0 + 3.0 * s)) / 16.0)
