"""Oblivious half-space trees: one feature and one cut a level, so that placing points is plain vector code.

A tree of depth H asks H questions ``u[feature[d]] >= cut[d]``; the answers are the bits of a leaf's number, the first
the highest. All points meet the same questions, whatever their bank row, so that levels run over points without
branches: 100 trees of depth 10 place and score 5–7 million points a CPU-second (``python -m bench forest``) where a
walk from node to node does half a million.

A leaf holds its mass plus one, so that the logarithm of an empty leaf is 0; logarithms are read from the float's own
bits (exponent and fraction as one number), which is linear between powers of two and at most 0.09 below the truth.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

BLOCK: Final = 1024
"""Points placed at a time: their features and leaves stay in the first two caches."""
UNIT: Final = 32767
"""Points and cuts are whole 32767ths of the unit interval: sixteen are compared at once."""

_FRACTION: Final = 2.0**-23
_BIAS: Final = 127.0


@njit(cache=True, nogil=True, error_model="numpy")
def into_unit(values: Any, slot: Any, scale: Any, reach: float, out: Any) -> None:
    """Write each value's place in the unit interval, by mean and variance of its space; NaN is the mean.

    Parameters
    ----------
    values
        Shape ``(n, n_features)``.
    scale
        Means and variances, shape ``(n_slots, 2, n_features)``.
    reach
        Standard deviations to the middle of a half; spreads are a thousandth of the mean at least.
    out
        int16 out, shape ``(n_features, n)``.
    """
    n, width = values.shape
    for i in range(n):
        for j in range(width):
            mean = scale[slot[i], 0, j]
            spread = np.sqrt(max(scale[slot[i], 1, j], (1e-3 * mean) ** 2))
            away = (values[i, j] - mean) / (reach * spread if spread > 0.0 else 1.0)
            ratio = away / (1.0 + abs(away)) if abs(away) < 1e9 else np.sign(away)
            out[j, i] = 16383 if np.isnan(away) else np.int16((0.5 + 0.5 * ratio) * UNIT)


@njit(cache=True, nogil=True, error_model="numpy")
def _place_block(points: Any, first: int, size: int, feature: Any, cut: Any, node: Any) -> None:
    row = points[feature[0], first : first + size]
    bar = cut[0]
    for i in range(size):
        node[i] = np.int16(row[i] >= bar)
    for level in range(1, feature.shape[0]):
        row = points[feature[level], first : first + size]
        bar = cut[level]
        for i in range(size):
            node[i] = np.int16(np.int16(node[i] << 1) | np.int16(row[i] >= bar))


@njit(cache=True, nogil=True, error_model="numpy")
def place(points: Any, feature: Any, cut: Any, leaves: Any) -> None:
    """Write the leaf of each point in each tree.

    Parameters
    ----------
    points
        int16, 32767ths, shape ``(n_features, n)``.
    feature, cut
        Question of each level, int32 and int16, shape ``(n_trees, depth)``.
    leaves
        int16 out, shape ``(n_trees, n)``; depth is 15 at most.
    """
    n = points.shape[1]
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        for tree in range(feature.shape[0]):
            _place_block(points, first, size, feature[tree], cut[tree], leaves[tree, first : first + size])


@njit(cache=True, nogil=True, error_model="numpy")
def _is_one(slot: Any, first: int, size: int) -> bool:
    """Say whether a block is of one slot only, whose leaves are then found without a product for each point."""
    for i in range(first + 1, first + size):
        if slot[i] != slot[first]:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def mean_log2(points: Any, slot: Any, feature: Any, cut: Any, mass: Any, out: Any) -> None:
    """Write the mean over trees of log2 of each point's leaf; `mass` is float32, ``(n_slots, n_trees, n_leaves)``."""
    n = points.shape[1]
    trees, width = mass.shape[1], mass.shape[2]
    bits = mass.view(np.int32).reshape(-1)
    node, total = np.empty(BLOCK, np.int16), np.empty(BLOCK, np.int64)
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        total[:] = 0
        single = _is_one(slot, first, size)
        for tree in range(trees):
            _place_block(points, first, size, feature[tree], cut[tree], node)
            if single:
                row = bits[(slot[first] * trees + tree) * width : (slot[first] * trees + tree + 1) * width]
                for i in range(size):
                    total[i] += row[np.uint16(node[i])]
                continue
            for i in range(size):
                total[i] += bits[(np.int64(slot[first + i]) * trees + tree) * width + node[i]]
        for i in range(size):
            out[first + i] = total[i] * _FRACTION / trees - _BIAS


@njit(cache=True, nogil=True, error_model="numpy")
def add(points: Any, slot: Any, feature: Any, cut: Any, weight: Any, mass: Any) -> None:
    """Add each point's weight to its leaves."""
    n = points.shape[1]
    trees, width = mass.shape[1], mass.shape[2]
    flat = mass.reshape(-1)
    node = np.empty(BLOCK, np.int16)
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        single = _is_one(slot, first, size)
        for tree in range(trees):
            _place_block(points, first, size, feature[tree], cut[tree], node)
            if single:
                row = flat[(slot[first] * trees + tree) * width : (slot[first] * trees + tree + 1) * width]
                for i in range(size):
                    row[np.uint16(node[i])] += np.float32(weight[first + i])
                continue
            for i in range(size):
                flat[(np.int64(slot[first + i]) * trees + tree) * width + node[i]] += np.float32(weight[first + i])


@njit(cache=True, nogil=True, error_model="numpy")
def add_up(slot: Any, weight: Any, sums: Any) -> None:
    """Add each row's weight to its slot's sum."""
    for i in range(slot.shape[0]):
        sums[slot[i]] += weight[i]


@njit(cache=True, nogil=True, error_model="numpy")
def follow(values: Any, slot: Any, weight: Any, whole: Any, mean: Any, variance: Any) -> None:
    """Let each slot's mean and variance follow its rows, and `whole`, all weight so far, grow; NaN is the mean.

    `values` has shape ``(n, n_columns)``, `mean` and `variance` ``(n_slots, n_columns)``.
    """
    for i in range(values.shape[0]):
        whole[slot[i]] += weight[i]
        share = weight[i] / max(whole[slot[i]], 1e-9)
        for j in range(values.shape[1]):
            away = values[i, j] - mean[slot[i], j]
            if np.isnan(away):
                away = 0.0
            mean[slot[i], j] += share * away
            after = (1.0 - share) * away
            variance[slot[i], j] = max(variance[slot[i], j] + share * (away * after - variance[slot[i], j]), 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def shares(leaves: Any, slot: Any, mass: Any, feature: Any, out: Any) -> None:
    """Write how much rarer each feature's cuts make each point, in bits, mean over trees; ``(n, n_features)``.

    A level's part is log2 of its parent's mass over its own, each plus one: exact, as the parts of a path add up to
    log2 of the whole mass over the leaf's. Nodes are summed once for each run of rows of the same slot.
    """
    trees, n = leaves.shape
    depth = feature.shape[1]
    width = mass.shape[2]
    nodes = np.empty(2 * width)
    out[:] = 0.0
    for tree in range(trees):
        for i in range(n):
            if i == 0 or slot[i] != slot[i - 1]:
                for leaf in range(width):
                    nodes[width + leaf] = mass[slot[i], tree, leaf] - 1.0
                for node in range(width - 1, 0, -1):
                    nodes[node] = nodes[2 * node] + nodes[2 * node + 1]
            node = width + leaves[tree, i]
            for level in range(depth - 1, -1, -1):
                part = np.log2((nodes[node >> 1] + 1.0) / (nodes[node] + 1.0))
                out[i, feature[tree, level]] += part / trees
                node >>= 1
