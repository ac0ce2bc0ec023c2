"""Forgetting by time: exponential factors, never by samples.

>>> round(fade(86_400.0, 86_400.0), 3)
0.368
>>> gain(60.0, 3600.0, seen=120.0)
0.3333333333333333
"""

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
    """
    return exp(-elapsed / memory)


def gain(elapsed: float, memory: float, seen: float) -> float:
    """Return how far a mean moves to a new value that stands for `elapsed` seconds, in (0, 1].

    A plain mean while `seen` seconds are fewer than `memory`, an exponential one from then on; the
    rational form is within 1 % of ``1 - exp(-elapsed / memory)`` while `elapsed` is below a fiftieth of `memory`.
    """
    return elapsed / (min(seen, memory) + elapsed)
