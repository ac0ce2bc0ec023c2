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
    table = PairCounts(places=4)
    for part in (first, second):
        columns = np.array(part, np.int64).reshape(-1, 3).T
        table.add(*(np.ascontiguousarray(column) for column in columns))
    left, right, counts = (column.tolist() for column in table.pairs().sorted())
    expected = count_pairs(*([list(column) for column in zip(*first + second, strict=True)] or [[], [], []]))
    assert dict(zip(zip(left, right, strict=True), counts, strict=True)) == expected
    assert list(zip(left, right, strict=True)) == sorted(expected)
    assert len(table) == len(expected)
