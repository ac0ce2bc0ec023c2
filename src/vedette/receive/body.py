"""Request bodies, decompressed within bounds: the limit counts decompressed bytes, so a bomb stays small."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Final

from vedette.errors import BadInput, Oversize

_WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's wbits of each content encoding."""


async def read_body(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> bytes:
    """Return the whole decompressed body.

    Parameters
    ----------
    chunks
        The body as it arrives.
    encoding
        ``Content-Encoding``, empty for none.
    limit
        Bytes, after decompression.

    Raises
    ------
    Oversize
        As soon as the limit is passed; no more than the limit is ever held.
    BadInput
        For an encoding that is not known, and for data that is not in it.
    """
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", *_WINDOW):
        raise BadInput("unsupported_encoding", detail=f"got {encoding!r}, expected gzip, deflate or identity")
    inflate = zlib.decompressobj(_WINDOW[encoding]) if encoding in _WINDOW else None
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        try:
            data = chunk if inflate is None else inflate.decompress(chunk, limit - size + 1)
        except zlib.error as error:
            raise BadInput("invalid_compression", detail=f"{encoding}: {error}") from None
        size += len(data)
        if size > limit:
            raise Oversize("too_large", detail=f"more than {limit} bytes after decompression")
        parts.append(data)
    if inflate is not None and not inflate.eof and size + len(parts) > 0:
        raise BadInput("invalid_compression", detail=f"{encoding} data ends early")
    return b"".join(parts)
