"""Bytes by eight: unaligned loads, the first of some bytes, and a 64-bit hash."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

PAD: Final = 16
"""Bytes that must follow a buffer that is read by eight."""

ONES = np.uint64(0x0101010101010101)
HIGHS = np.uint64(0x8080808080808080)
MIX1 = np.uint64(0x9E3779B97F4A7C15)
MIX2 = np.uint64(0xBF58476D1CE4E5B9)
"""Golden ratio, and the first multiplier of splitmix64 (Steele et al., OOPSLA 2014)."""


def _load64(typing: Any, data: Any, at: Any) -> Any:
    """Load eight bytes from any place, little-endian; the caller keeps `at` + 8 inside the array."""
    del typing
    signature = types.uint64(data, at)

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        place = builder.gep(array.data, [context.cast(builder, args[1], signature.args[1], types.intp)])
        word = builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()))
        word.align = 1
        return word

    return signature, code


load64: Any = intrinsic(_load64)


def _trailing_zeros(typing: Any, word: Any) -> Any:
    """Count the zero bits below the lowest set one; 64 for 0."""
    del typing, word
    signature = types.uint64(types.uint64)

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        del context, signature
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return signature, code


trailing_zeros: Any = intrinsic(_trailing_zeros)


@njit(cache=True, nogil=True)
def find_either(data: Any, at: int, end: int, first: Any, second: Any) -> Any:
    """Return the first place of either byte in ``[at, end)``, or `end`; needs `PAD` bytes behind `end`.

    `first` and `second` are the bytes repeated eight times, uint64.
    """
    while at < end:
        word = load64(data, at)
        left, right = word ^ first, word ^ second
        hit = (((left - ONES) & ~left) | ((right - ONES) & ~right)) & HIGHS
        if hit != np.uint64(0):
            place = at + np.int64(trailing_zeros(hit) >> np.uint64(3))
            return min(place, end)
        at += 8
    return end


@njit(cache=True, nogil=True)
def hash64(data: Any, start: int, end: int) -> Any:
    """Return a 64-bit hash of ``data[start:end]``; needs `PAD` bytes behind `end`."""
    mixed = np.uint64(end - start) * MIX1
    at = start
    while at + 8 <= end:
        mixed = (mixed ^ load64(data, at)) * MIX2
        mixed ^= mixed >> np.uint64(29)
        at += 8
    rest = end - at
    if rest > 0:
        mask = (np.uint64(1) << np.uint64(8 * rest)) - np.uint64(1)
        mixed = (mixed ^ (load64(data, at) & mask)) * MIX1
    mixed ^= mixed >> np.uint64(32)
    return mixed * MIX2
