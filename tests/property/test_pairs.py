import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.pairs import count_pairs

from vedette.kernels.pairs import PairCounts

rows = st.lists(st.tuples(st.integers(-1, 40), st.integers(-1, 2**31 - 1), st.integers(1, 9)), max_size=300)


@given(rows, rows)
def test_counts_as_the_oracle_does_and_grows(
    first: list[tuple[int, int, int]], second: list[tuple[int, int, int]]
) -> None:
    table = PairCounts(2, places=4)
    for part in (first, second):
        columns = np.array(part, np.int64).reshape(-1, 3).T
        first_, second_, count = (np.ascontiguousarray(column) for column in columns)
        table.add(first_, second_, np.stack([count, -count], axis=1))
    pairs = table.pairs().sorted()
    left, right, counts = pairs.left.tolist(), pairs.right.tolist(), pairs.counts[:, 0].tolist()
    assert (pairs.counts.sum(axis=1) == 0).all()
    expected = count_pairs(*([list(column) for column in zip(*first + second, strict=True)] or [[], [], []]))
    assert dict(zip(zip(left, right, strict=True), counts, strict=True)) == expected
    assert list(zip(left, right, strict=True)) == sorted(expected)
    assert len(table) == len(expected)
    odd = pairs.moved(np.where(np.arange(41) % 2 == 1, np.arange(41) // 2, -1))
    assert odd.left.tolist() == [one // 2 for one in left if one % 2]
    assert odd.right.tolist() == [two for one, two in zip(left, right, strict=True) if one % 2]
