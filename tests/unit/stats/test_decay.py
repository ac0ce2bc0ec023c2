import pytest

from vedette.stats.decay import fade


def test_what_is_left_does_not_depend_on_how_time_is_cut() -> None:
    assert fade(30.0, 100.0) * fade(70.0, 100.0) == pytest.approx(fade(100.0, 100.0))


def test_no_time_no_loss() -> None:
    assert fade(0.0, 1.0) == 1.0
