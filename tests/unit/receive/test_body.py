import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors import BadInput, Oversize
from vedette.receive.body import read_body

PACK = {"": bytes, "identity": bytes, "gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


def read(data: bytes, encoding: str, limit: int = 1 << 20, cuts: tuple[int, ...] = ()) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
        for low, high in pairwise(edges):
            yield data[low:high]

    return asyncio.run(read_body(chunks(), encoding, limit))


@given(st.binary(max_size=2000), st.sampled_from(list(PACK)), st.lists(st.integers(0, 2500), max_size=6))
def test_the_same_however_it_is_cut(data: bytes, encoding: str, cuts: list[int]) -> None:
    assert read(PACK[encoding](data), encoding, cuts=tuple(cuts)) == data


@pytest.mark.parametrize("encoding", list(PACK))
def test_the_limit_counts_decompressed_bytes(encoding: str) -> None:
    assert read(PACK[encoding](b"x" * 1000), encoding, limit=1000) == b"x" * 1000
    with pytest.raises(Oversize, match="1000"):
        read(PACK[encoding](b"x" * 1001), encoding, limit=1000)


def test_names_of_encodings_are_read_leniently() -> None:
    assert read(gzip.compress(b"x"), " GZIP ") == b"x"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_an_unknown_encoding_is_named(encoding: str) -> None:
    with pytest.raises(BadInput, match=encoding) as refused:
        read(b"x", encoding)
    assert refused.value.reason == "unsupported_encoding"


@given(st.binary(min_size=1, max_size=300), st.integers(1, 12))
def test_what_ends_early_is_refused(data: bytes, missing: int) -> None:
    with pytest.raises(BadInput) as refused:
        read(gzip.compress(data)[:-missing], "gzip")
    assert refused.value.reason == "invalid_compression"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_is_not_in_the_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(BadInput, match=encoding) as refused:
        read(b"plain text", encoding)
    assert refused.value.reason == "invalid_compression"


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), st.lists(st.integers(0, 400), max_size=4))
def test_gzip_of_several_members_is_read_whole(parts: list[bytes], cuts: list[int]) -> None:
    packed = b"".join(map(gzip.compress, parts))
    assert read(packed, "gzip", cuts=tuple(cuts)) == b"".join(parts)


def test_the_limit_holds_across_members() -> None:
    with pytest.raises(Oversize):
        read(gzip.compress(b"x" * 600) * 2, "gzip", limit=1000)


def test_what_follows_the_end_of_gzip_is_refused() -> None:
    with pytest.raises(BadInput, match="gzip"):
        read(gzip.compress(b"x") + b"trailing", "gzip")


@pytest.mark.parametrize("encoding", list(PACK))
def test_an_empty_body_is_empty(encoding: str) -> None:
    assert read(b"", encoding) == b""
