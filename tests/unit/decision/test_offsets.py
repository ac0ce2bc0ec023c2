"""An accepted change moves a level by as much as its number was off since."""

import numpy as np
import pytest

from vedette.decision.offsets import Offsets
from vedette.records.feature import feature_of
from vedette.records.observation import Measures
from vedette.records.score import Scores, State
from vedette.records.segment import Segment

WEB = Segment("", "web", "")
SERIES = [feature_of(name).series(WEB) for name in ("requests", "latency_p95_seconds")]
REQUESTS, LATENCY = ((WEB, one.feature) for one in SERIES)


def learned(values: list[tuple[float, float]], good: tuple[bool, bool] = (True, True)) -> Offsets:
    """Return what is known of both numbers after windows in which 100 and 0.1 were expected."""
    offsets, none = Offsets(), np.zeros(2)
    for row in values:
        measures = Measures(0, 1, np.arange(2, dtype=np.int32), np.array(row), np.ones(2))
        scores = Scores(np.full(2, State.READY, np.int8), none, np.array([100.0, 0.1]), none, none, none)
        offsets.learn(measures, scores, np.array(good), SERIES, [REQUESTS, LATENCY])
    return offsets


def test_a_level_moves_by_the_mean_deviation_as_a_logarithm_for_durations() -> None:
    slot, by = learned([(140.0, 0.2), (160.0, 0.2)]).accept([REQUESTS, LATENCY], SERIES)
    assert slot.tolist() == [0, 1]
    assert by == pytest.approx([50.0, np.log(2.0)])


def test_what_was_not_judged_does_not_move() -> None:
    slot, by = learned([(140.0, 0.2)], good=(False, True)).accept([REQUESTS, LATENCY], SERIES)
    assert slot.tolist() == [1]
    assert by == pytest.approx([np.log(2.0)])


def test_what_is_accepted_is_settled_and_what_is_no_longer_in_doubt_is_forgotten() -> None:
    offsets = learned([(140.0, 0.2)])
    offsets.accept([REQUESTS], SERIES)
    assert list(offsets.numbers) == [LATENCY]
    assert offsets.accept([REQUESTS], SERIES)[0].tolist() == []
    assert offsets.accept([], SERIES)[0].dtype == np.int32


def test_what_was_restored_moves_alike() -> None:
    offsets, other = learned([(140.0, 0.2)]), Offsets()
    other.restore(offsets.snapshot())
    assert other.accept([REQUESTS], SERIES)[1].tolist() == offsets.accept([REQUESTS], SERIES)[1].tolist()
