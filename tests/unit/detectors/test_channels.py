import numpy as np

from vedette.detectors.channels import CHANNELS, FAMILIES, busyness


def test_a_busy_day_is_busy_in_the_median_of_its_actions() -> None:
    usual = np.array([[10.0, 20.0, 5.0, 0.0]])
    assert busyness(2.0 * usual, usual)[0] > 1.8


def test_one_action_that_grows_alone_is_not_called_busy() -> None:
    usual = np.array([[10.0, 20.0, 5.0, 0.0]])
    assert busyness(np.array([[10.0, 500.0, 5.0, 0.0]]), usual)[0] == 1.0


def test_those_who_do_one_thing_only_are_never_called_busy() -> None:
    assert busyness(np.array([[900.0, 0.0, 0.0]]), np.array([[300.0, 0.0, 0.0]]))[0] == 1.0


def test_every_channel_is_of_one_family() -> None:
    assert sorted(channel for family in FAMILIES for channel in family) == list(range(len(CHANNELS)))
