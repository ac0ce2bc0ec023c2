"""Exponentially weighted levels of many columns at once, row by row."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def follow(values: Any, share: float, level: Any, before: Any, after: Any) -> None:
    """Let the level follow each row by `share`; write it as it was before and as it is after each row.

    Parameters
    ----------
    values
        Finite, shape ``(n, n_columns)``.
    share
        Of the way to the new value, in (0, 1].
    level
        In and out, shape ``(n_columns,)``.
    before, after
        Out, shape ``(n, n_columns)``.
    """
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            before[i, j] = level[j]
            level[j] += share * (values[i, j] - level[j])
            after[i, j] = level[j]
