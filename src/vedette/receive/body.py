"""Request bodies, decompressed within bounds: the limit counts decompressed bytes, so a bomb stays small."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Final

from vedette.errors import BadInput, Oversize

_WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's wbits of each content encoding."""

STEP: Final = 1 << 20
"""Bytes decompressed at once, so that a bomb is noticed early."""


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
    inflate = Inflate(encoding) if encoding in _WINDOW else None
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        for data in [chunk] if inflate is None else inflate.pieces(chunk):
            size += len(data)
            if size > limit:
                raise Oversize("too_large", detail=f"more than {limit} bytes after decompression")
            parts.append(data)
    if inflate is not None:
        inflate.finish()
    return b"".join(parts)


class Inflate:
    """Decompresses as data comes, a bounded piece at a time."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._stream = zlib.decompressobj(_WINDOW[encoding])
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` adds, at most `STEP` bytes at a time; raises `BadInput`."""
        piece = b""
        while data or len(piece) == STEP:
            self._begun = True
            if self._stream.eof:  # gzip may come in several members, as from `cat a.gz b.gz`
                self._stream = zlib.decompressobj(_WINDOW[self._encoding])
            try:
                piece = self._stream.decompress(data, STEP)
            except zlib.error as error:
                raise BadInput("invalid_compression", detail=f"{self._encoding}: {error}") from None
            data = self._stream.unused_data or self._stream.unconsumed_tail
            yield piece
            if self._stream.eof and not data:
                return

    def finish(self) -> None:
        """Raise `BadInput` if more should have come; nothing at all is an empty body."""
        if self._begun and not self._stream.eof:
            raise BadInput("invalid_compression", detail=f"{self._encoding} data ends early")
