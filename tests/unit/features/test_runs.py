"""Runs of equal keys, ranks and medians."""

import numpy as np

from vedette.features.calls import RESOLUTION
from vedette.features.runs import medians, ranked, runs


def test_runs_end_where_any_key_changes() -> None:
    assert runs(np.array([1, 1, 2, 2]), np.array([0, 0, 0, 3])) == [(0, 2), (2, 3), (3, 4)]
    assert runs(np.zeros(0, np.int64)) == []


def test_a_rank_is_a_value_that_was_there_and_no_less_than_the_resolution() -> None:
    assert [ranked(np.array([1.0, 2.0, 3.0, 4.0]), share) for share in (0.0, 0.5, 0.75, 1.0)] == [1.0, 2.0, 3.0, 4.0]
    assert ranked(np.zeros(3), 0.5) == RESOLUTION


def test_medians_by_way() -> None:
    assert medians(np.array([7, 2, 7, 7]), np.array([3.0, 9.0, 1.0, 2.0])) == {2: (9.0, 1.0), 7: (2.0, 3.0)}
