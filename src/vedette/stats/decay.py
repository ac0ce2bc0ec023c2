"""Forgetting by time: exponential factors, never by samples."""

from __future__ import annotations

from math import exp


def fade(elapsed: float, memory: float) -> float:
    """Return what is left of a sum after `elapsed` seconds: ``exp(-elapsed / memory)``, in (0, 1].

    Parameters
    ----------
    elapsed
        Seconds, ≥ 0.
    memory
        Seconds after which 1/e is left, > 0.

    >>> round(fade(86_400.0, 86_400.0), 3)
    0.368
    """
    return exp(-elapsed / memory)
