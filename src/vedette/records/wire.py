"""Protocol Buffers written by hand: varints and the fields made of them.

References
----------
Protocol Buffers, Encoding: "Base 128 Varints", "Length-Delimited Records".
"""

from __future__ import annotations


def varint(value: int) -> bytes:
    """Return a whole number ≥ 0 in base 128, lowest group first.

    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """Return a varint field."""
    return varint(field << 3) + varint(value)


def piece(field: int, content: bytes) -> bytes:
    """Return a length-delimited field: bytes or a message."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def text(field: int, value: str) -> bytes:
    """Return a string field."""
    return piece(field, value.encode())
