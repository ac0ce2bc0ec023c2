import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.triage import triage as oracle

from vedette.detectors.triage import triage

ROWS = st.lists(st.tuples(st.sampled_from([1, 30, 700, 30_000]), st.integers(0, 6), st.integers(0, 2)), max_size=60)


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_the_kernel_tells_what_plain_python_tells(steps: list[tuple[int, int, int]]) -> None:
    times = np.cumsum([gap for gap, _, _ in steps]).astype(np.float64) if steps else np.zeros(0)
    names = np.array([name for _, name, _ in steps], np.int64)
    pairs = np.array([name * 3 + host for _, name, host in steps], np.int64)
    _, told = triage(times, names, pairs)
    assert told.tolist() == oracle(list(zip(times.tolist(), names.tolist(), pairs.tolist(), strict=True)))
