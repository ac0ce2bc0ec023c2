"""Bytes by eight: unaligned loads and stores, the first of some bytes, comparison, and a seeded 64-bit hash."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

PAD: Final = 16
"""Bytes that must follow a buffer that is read or written by eight."""

ONES = np.uint64(0x0101010101010101)
HIGHS = np.uint64(0x8080808080808080)
MIX1 = np.uint64(0x9E3779B97F4A7C15)
MIX2 = np.uint64(0xBF58476D1CE4E5B9)
"""Golden ratio, and the first multiplier of splitmix64 (Steele et al., OOPSLA 2014)."""

_WORD = ir.IntType(64)


def _place(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Return a pointer to the word at ``args[1]`` of the array ``args[0]``."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    at = context.cast(builder, args[1], signature.args[1], types.intp)
    return builder.bitcast(builder.gep(array.data, [at]), _WORD.as_pointer())


def _load64(typing: Any, data: Any, at: Any) -> Any:
    """Load eight bytes from any place, little-endian; the caller keeps `at` + 8 inside the array."""
    del typing

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.load(_place(context, builder, signature, args))
        word.align = 1
        return word

    return types.uint64(data, at), code


def _store64(typing: Any, data: Any, at: Any, word: Any) -> Any:
    """Store eight bytes at any place, little-endian; the caller keeps `at` + 8 inside the array."""
    del typing, word

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, signature, args)).align = 1
        return context.get_dummy_value()

    return types.void(data, at, types.uint64), code


def _trailing_zeros(typing: Any, word: Any) -> Any:
    """Count the zero bits below the lowest set one; 64 for 0."""
    del typing, word

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        del context, signature
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), code


def _fold(typing: Any, left: Any, right: Any) -> Any:
    """Return the exclusive or of the two halves of the 128-bit product."""
    del typing, left, right

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        del context, signature
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        high = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), _WORD)
        return builder.xor(builder.trunc(product, _WORD), high)

    return types.uint64(types.uint64, types.uint64), code


def _float_bits(typing: Any, value: Any) -> Any:
    """Return the bits of a float64 as int64."""
    del typing, value

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        del context, signature
        return builder.bitcast(args[0], _WORD)

    return types.int64(types.float64), code


load64: Any = intrinsic(_load64)
store64: Any = intrinsic(_store64)
trailing_zeros: Any = intrinsic(_trailing_zeros)
fold: Any = intrinsic(_fold)
float_bits: Any = intrinsic(_float_bits)


@njit(cache=True, nogil=True)
def find_byte(data: Any, at: Any, end: Any, repeated: Any) -> Any:
    """Return the first place of a byte in ``[at, end)``, or `end`; needs `PAD` bytes behind `end`.

    `repeated` is the byte repeated eight times, uint64.
    """
    while at < end:
        word = load64(data, at) ^ repeated
        hit = (word - ONES) & ~word & HIGHS
        if hit != np.uint64(0):
            return min(at + np.int64(trailing_zeros(hit) >> np.uint64(3)), end)
        at += 8
    return end


@njit(cache=True, nogil=True)
def hash64(data: Any, start: Any, end: Any, seed: Any) -> Any:
    """Return a 64-bit hash of ``data[start:end]``; needs `PAD` bytes behind `end`.

    Each word is multiplied to 128 bits with what came before and folded (as in wyhash, W. Yi). Every
    factor holds the seed: who does not know it can't choose texts that collide.
    """
    mixed = seed ^ (np.uint64(end - start) * MIX1)
    at = start
    while at + 8 <= end:
        mixed = fold(load64(data, at) ^ seed, mixed ^ MIX2)
        at += 8
    rest = end - at
    if rest > 0:
        mask = (np.uint64(1) << np.uint64(8 * rest)) - np.uint64(1)
        mixed = fold((load64(data, at) & mask) ^ seed, mixed ^ MIX2)
    return fold(mixed ^ MIX1, seed ^ MIX2)


@njit(cache=True, nogil=True)
def same(left: Any, at: Any, right: Any, other: Any, size: Any) -> bool:
    """Say whether `size` bytes at both places are equal; needs `PAD` bytes behind them."""
    k = 0
    while k + 8 <= size:
        if load64(left, at + k) != load64(right, other + k):
            return False
        k += 8
    if k == size:
        return True
    mask = (np.uint64(1) << np.uint64(8 * (size - k))) - np.uint64(1)
    return (load64(left, at + k) ^ load64(right, other + k)) & mask == np.uint64(0)
