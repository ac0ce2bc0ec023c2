"""Numbers as people say them."""

from __future__ import annotations

from math import isfinite
from typing import Final

_SECONDS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_BYTES: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))


def amount(value: float, unit: str) -> str:
    """Return a value with its unit.

    >>> amount(1.84, "s"), amount(0.29, "s"), amount(0.061, "1"), amount(2048, "By"), amount(1204, "{request}")
    ('1.84 s', '290 ms', '6.1 %', '2 KiB', '1204')
    """
    if not isfinite(value):
        return "unknown"
    if unit == "s":
        size, name = next((step for step in _SECONDS if abs(value) >= step[0]), _SECONDS[-1])
        return f"{_short(value / size)} {name}"
    if unit == "1":
        return f"{_short(100 * value)} %"
    if unit == "By":
        size, name = next((step for step in _BYTES if abs(value) >= step[0]), _BYTES[-1])
        return f"{_short(value / size)} {name}"
    return _short(value)


def span(lower: float, upper: float, unit: str) -> str:
    """Return a band; the unit is said once where both ends share it.

    >>> span(0.29, 0.405, "s"), span(0, 3, "{request}"), span(2.0, 2.0, "1")
    ('290–405 ms', '0–3', '200 %')
    """
    low, high = amount(lower, unit), amount(upper, unit)
    if low == high:
        return low
    number, _, name = low.partition(" ")
    return f"{number}–{high}" if not name or high.endswith(f" {name}") else f"{low} – {high}"


def lasting(nanoseconds: int) -> str:
    """Return a length of time in its largest sensible unit.

    >>> lasting(60_000_000_000), lasting(5_400_000_000_000)
    ('1 min', '90 min')
    """
    seconds = nanoseconds / 1e9
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _short(value: float) -> str:
    """Return three significant digits, all of them for larger whole numbers."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"
