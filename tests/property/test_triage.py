import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.triage import Triage as Oracle

from vedette.detectors.triage import Triage

GAPS = st.sampled_from([1, 30, 700, 30_000, 200_000])
ROWS = st.lists(st.tuples(GAPS, st.integers(0, 6), st.integers(0, 2)), max_size=60)


@given(ROWS, st.integers(0, 60))
@settings(max_examples=80, deadline=None)
def test_the_kernel_tells_what_plain_python_tells_wherever_it_is_cut(
    steps: list[tuple[int, int, int]], cut: int
) -> None:
    times = np.cumsum([gap for gap, _, _ in steps]).astype(np.float64) if steps else np.zeros(0)
    names = np.array([name for _, name, _ in steps], np.int64)
    hosts = np.array([host for _, _, host in steps], np.int64)
    first, second = Triage(bearable=1e6), Triage(bearable=1e6)
    since, ones = np.full(len(times), times[0] if steps else 0.0), np.ones(len(times))
    evidence, told = [], []
    for watch, part in ((first, slice(0, cut)), (second, slice(cut, None))):
        if watch is second:
            second.restore(first.snapshot())
        rows = (times, names, hosts, names * 3 + hosts, since, ones)
        said = watch.judge(*(np.ascontiguousarray(row[part]) for row in rows))
        evidence += said.evidence.tolist()
        told += said.told.tolist()
    oracle = Oracle()
    expected = [oracle.judge(*row) for row in zip(times.tolist(), names.tolist(), hosts.tolist(), strict=True)]
    assert evidence == pytest.approx([one for one, _ in expected])
    assert told == [one for _, one in expected]
