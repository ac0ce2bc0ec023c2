"""A state tree as bytes: magic, version, size, checksum, a JSON outline and the arrays' own bytes. No pickle."""

from __future__ import annotations

import struct
from hashlib import blake2b
from math import isfinite
from typing import Any, Final

import numpy as np
import orjson

from vedette.errors import StateCorrupt
from vedette.state.tree import Tree

MAGIC: Final = b"VDS1"
_HEAD: Final = struct.Struct("<4sQ16sQ")
_KINDS: Final = "biuf"


def encode(tree: Tree) -> bytes:
    """Return the bytes of a tree; equal trees give equal bytes.

    Raises
    ------
    TypeError
        For a leaf that is neither an array of numbers, bytes, a float, nor JSON-able.
    """
    blobs: list[bytes] = []
    outline = orjson.dumps(_outlined(tree, blobs))
    body = b"".join([struct.pack("<Q", len(outline)), outline, *blobs])
    return _HEAD.pack(MAGIC, len(body), blake2b(body, digest_size=16).digest(), 0) + body


def decode(data: bytes) -> Tree:
    """Return the tree; raises `StateCorrupt` for anything but what `encode` gave."""
    if len(data) < _HEAD.size + 8:
        raise StateCorrupt(f"state of {len(data)} bytes is truncated")
    magic, size, checksum, zero = _HEAD.unpack_from(data)
    body = memoryview(data)[_HEAD.size :]
    if magic != MAGIC or zero != 0:
        raise StateCorrupt(f"state has magic {magic!r}, expected {MAGIC!r}")
    if len(body) != size or blake2b(body, digest_size=16).digest() != checksum:
        raise StateCorrupt("state failed its size or checksum test")
    (length,) = struct.unpack_from("<Q", body)
    tree = _restored(orjson.loads(body[8 : 8 + length]), body[8 + length :])
    assert isinstance(tree, dict)
    return tree


def _outlined(value: Any, blobs: list[bytes]) -> Any:
    """Return a JSON-able outline; arrays and bytes go to `blobs`, their place into the outline."""
    if isinstance(value, dict):
        return {"t": {str(name): _outlined(child, blobs) for name, child in value.items()}}
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in _KINDS:
            raise TypeError(f"state array has dtype {value.dtype}, expected numbers")
        return {"a": [value.dtype.str, list(value.shape), _put(np.ascontiguousarray(value).tobytes(), blobs)]}
    if isinstance(value, bytes):
        return {"b": [len(value), _put(value, blobs)]}
    plain = value.item() if isinstance(value, np.generic) else value
    return {"f": repr(plain)} if isinstance(plain, float) and not isfinite(plain) else {"v": plain}


def _put(blob: bytes, blobs: list[bytes]) -> int:
    place = sum(map(len, blobs))
    blobs.append(blob)
    return place


def _restored(outline: dict[str, Any], blobs: memoryview) -> Any:
    if "t" in outline:
        return {name: _restored(child, blobs) for name, child in outline["t"].items()}
    if "a" in outline:
        dtype, shape, place = outline["a"]
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(blobs, np.dtype(dtype), count, place).reshape(shape).copy()
    if "b" in outline:
        length, place = outline["b"]
        return bytes(blobs[place : place + length])
    return float(outline["f"]) if "f" in outline else outline["v"]
