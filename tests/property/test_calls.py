import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles import calls as oracle

from vedette.kernels.calls import covered, depths

SPAN = st.tuples(st.integers(-1, 11), st.integers(0, 30), st.integers(0, 20))


@given(st.lists(SPAN, max_size=12))
def test_depths_are_those_of_the_oracle_circles_included(spans: list[tuple[int, int, int]]) -> None:
    parent = [above if above < len(spans) else -1 for above, _, _ in spans]
    found = depths(np.array(parent, np.int64))
    assert found.tolist() == [oracle.depth(parent, row) for row in range(len(spans))]


@given(st.lists(SPAN, max_size=12))
def test_what_children_cover_is_what_the_oracle_counts_tick_by_tick(spans: list[tuple[int, int, int]]) -> None:
    parent = [above if above < len(spans) else -1 for above, _, _ in spans]
    start = [first for _, first, _ in spans]
    end = [first + length for _, first, length in spans]
    arrays = np.array(parent, np.int64), np.array(start, np.float64), np.array(end, np.float64)
    found = covered(*arrays, np.lexsort((arrays[1], arrays[0])))
    assert found.tolist() == [oracle.covered(parent, start, end, row) for row in range(len(spans))]
