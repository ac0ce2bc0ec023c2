"""Ids of tracers, beside what Python's own readers make of them."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.decode.texts import binary_id_array, id_array
from vedette.kernels.bytes import PAD
from vedette.kernels.cells import TEXT
from vedette.records.schema import SPAN, TRACE

HEX = st.text("0123456789abcdefABCDEF", min_size=14, max_size=34)
TEXTS = st.lists(st.one_of(HEX, st.uuids().map(str), st.text(max_size=40), st.sampled_from(["0" * 16, "0" * 32])))


def pieces(values: list[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    length = np.array([len(value) for value in values], np.int32)
    offset = (np.cumsum(length) - length).astype(np.int32)
    return np.frombuffer(b"".join(values) + bytes(PAD), np.uint8), offset, length


def oracle(text: str, size: int) -> bytes | None:
    """What Python makes of an id's text, the slow way."""
    digits = set("0123456789abcdefABCDEF")
    plain = text
    if size == 16 and len(text) == 36 and [at for at, letter in enumerate(text) if letter == "-"] == [8, 13, 18, 23]:
        plain = text.replace("-", "")
    elif size == 16 and len(text) == 16:
        plain = "0" * 16 + text
    if len(plain) != 2 * size or not set(plain) <= digits:
        return None
    return bytes.fromhex(plain) if int(plain, 16) else None


@given(TEXTS)
@pytest.mark.parametrize("kind", [TRACE, SPAN])
def test_hexadecimal_ids_are_read_as_python_does(kind: object, texts: list[str]) -> None:
    values = [text.encode() for text in texts]
    expected = [oracle(value.decode("latin-1"), kind.byte_width) for value in values]  # type: ignore[attr-defined]
    assert id_array(*pieces(values), kind).to_pylist() == expected


@given(st.lists(st.binary(max_size=17)))
def test_bytes_pass_at_the_right_length_only(values: list[bytes]) -> None:
    data, offset, length = pieces(values)
    sort = np.full(len(values), TEXT, np.uint8)
    expected = [value if len(value) == 16 and any(value) else None for value in values]
    assert binary_id_array(data, sort, offset, length, TRACE).to_pylist() == expected


def test_a_uuid_and_a_short_id_are_sixteen_bytes() -> None:
    values = [b"3f2a9c1d-0000-1111-2222-333344445555", b"3f2a9c1d00001111"]
    assert id_array(*pieces(values), TRACE).to_pylist() == [
        UUID(values[0].decode()).bytes,
        bytes(8) + bytes.fromhex(values[1].decode()),
    ]
