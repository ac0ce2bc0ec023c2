"""The kernel that reads values out of lines says what a regular expression says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.values import values as oracle

from vedette.features.parameters import _flat
from vedette.kernels import values as kernel

PARTS = st.lists(st.text("ab ", max_size=3), min_size=1, max_size=kernel.MOST + 3).map(
    lambda parts: tuple(part.encode() for part in parts)
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PARTS, min_size=1, max_size=3), st.lists(st.text("abc ", max_size=12), min_size=1, max_size=6), st.data()
)
def test_values_are_those_between_the_parts(
    templates: list[tuple[bytes, ...]], lines: list[str], data: st.DataObject
) -> None:
    which = [data.draw(st.integers(0, len(templates) - 1)) for _ in lines]
    filled = [
        data.draw(st.sampled_from(["", "c", "x"])).join(part.decode() for part in templates[number]) for number in which
    ]
    texts = [data.draw(st.sampled_from(pair)) for pair in zip(lines, filled, strict=True)]
    _, ends, raw = pa.array(texts, pa.string()).buffers()
    line, place, begin, size = (np.zeros(len(texts) * kernel.MOST, np.int64) for _ in range(4))
    code = np.zeros(len(line), np.uint64)
    text = np.frombuffer(raw, np.uint8) if raw is not None and raw.size else np.zeros(1, np.uint8)
    rows, template = np.arange(len(texts)), np.array(which, np.int64)
    wanted = np.ones((len(templates), kernel.MOST), np.bool_)
    wanted[:, 1] = data.draw(st.booleans())
    count = kernel.values(
        text, np.frombuffer(ends, np.int32), rows, template, *_flat(templates), wanted, line, place, begin, size, code
    )
    for row, (text_of_row, number) in enumerate(zip(texts, which, strict=True)):
        mine = np.flatnonzero(line[:count] == row)
        found = {int(place[one]): text[begin[one] : begin[one] + size[one]].tobytes() for one in mine}
        expected = oracle(text_of_row.encode(), templates[number])
        if _plain(expected, templates[number]):
            read = enumerate(expected[: kernel.MOST])
            assert found == {at: value for at, value in read if wanted[number, at]}


def _plain(expected: list[bytes], parts: tuple[bytes, ...]) -> bool:
    """Say whether no value holds its next part: there a regular expression looks on, and the kernel does not."""
    return all(not part or part not in value + part[:-1] for value, part in zip(expected, parts[1:], strict=False))
