import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.holders import SlowHolders

from vedette.kernels import holders as kernel

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=30, unique=True)


@settings(deadline=None, max_examples=100)
@given(windows=st.lists(ROWS, max_size=6), pools=st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_the_table_knows_who_holds_what_as_sets_do(windows: list[list[tuple[int, int]]], pools: list[int]) -> None:
    slow = SlowHolders(pools)
    keys, values, pool = np.zeros(1024, np.uint64), np.zeros((kernel.ITEM, 1024)), np.array(pools)
    used = 0
    for number, rows in enumerate(windows):
        slots = np.array([slot for slot, _ in rows], np.int32)
        items = np.array([item for _, item in rows], np.uint64)
        out = np.empty(len(rows))
        kernel.held(slots, items, pool, keys, values, out)
        assert out.tolist() == [slow.held(slot, item) for slot, item in rows]
        used += kernel.learn(float(number), slots, items, pool, keys, values)
        for row in rows:
            slow.learn(*row)
        assert used == np.count_nonzero(keys)
