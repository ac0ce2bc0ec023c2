"""What other days had at this time is known; what today has is not, until tomorrow."""

import numpy as np
import pytest

from vedette.detectors.peaks import HALF_HOUR, HALF_HOURS, ROOM, VISITS, Peaks
from vedette.records.time import SECOND

SLOT = np.zeros(1, np.int32)
NIGHT = 40 * HALF_HOURS * HALF_HOUR + 4 * HALF_HOUR


def peaks(days: int = 1, far: float = 8.0) -> Peaks:
    """Return what is known of one feature after nights on which it was far away for a minute, and ordinary days."""
    bank = Peaks(1)
    bank.grow(1)
    for half_hour in range(days * HALF_HOURS):
        away = far if half_hour % HALF_HOURS == 0 else 0.5
        bank.note(SLOT, NIGHT + half_hour * HALF_HOUR, np.array([[away]]))
    return bank


def test_a_peak_is_known_the_next_day_at_its_time_and_half_an_hour_around_it() -> None:
    bank = peaks()
    tomorrow = NIGHT + HALF_HOURS * HALF_HOUR
    for step in (-1, 0, 1):
        assert bank.known(SLOT, tomorrow + step * HALF_HOUR)[0, 0] == pytest.approx(ROOM * 8.0, rel=0.06)
    assert bank.known(SLOT, tomorrow + 4 * HALF_HOUR)[0, 0] < ROOM


def test_what_is_on_today_hides_nothing_today() -> None:
    bank = Peaks(1)
    bank.grow(1)
    bank.note(SLOT, NIGHT, np.array([[9.0]]))
    assert bank.known(SLOT, NIGHT + 60 * SECOND)[0, 0] == 0.0


def test_a_peak_fades_in_three_weeks_without_it() -> None:
    bank = peaks()
    bank.note(SLOT, NIGHT + round(VISITS) * HALF_HOURS * HALF_HOUR, np.array([[0.0]]))
    before = float(bank.known(SLOT, NIGHT)[0, 0])
    for day in range(round(VISITS) + 1, 2 * round(VISITS) + 1):
        for half_hour in (0, 24):
            bank.note(SLOT, NIGHT + (day * HALF_HOURS + half_hour) * HALF_HOUR, np.array([[0.0]]))
    assert float(bank.known(SLOT, NIGHT)[0, 0]) == pytest.approx(before * np.exp(-1.0), rel=0.1)


def test_what_was_restored_knows_the_same() -> None:
    bank, other = peaks(), Peaks(1)
    other.restore(bank.snapshot())
    assert other.known(SLOT, NIGHT).tolist() == bank.known(SLOT, NIGHT).tolist()
    assert other.nbytes == bank.nbytes == 2 * HALF_HOURS * 2
