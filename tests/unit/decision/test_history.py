from vedette.decision.history import DAY, MOST, History


def watched(days: float, *past: tuple[float, float]) -> History:
    history = History()
    history.watch(0, round(days * DAY))
    for day, score in past:
        history.add(round(day * DAY), score)
    return history


def test_nothing_is_said_before_a_day_was_watched() -> None:
    assert "not known" in watched(0.9, (0.5, 60.0)).rarity(60.0)
    assert watched(0.9, (0.5, 60.0)).per_day == 0.0


def test_rarity_is_counted_among_the_incidents_that_were_as_high() -> None:
    history = watched(30, (1, 60.0), (11, 80.0), (21, 62.0))
    assert history.rarity(60.0) == "a score like this comes about once in 10 days here"
    assert history.rarity(70.0) == "a score like this comes about once in 30 days here"
    assert history.rarity(81.0) == "no score like this in the 30 days watched here"


def test_what_comes_many_times_a_day_is_said_so() -> None:
    history = watched(2, *((1 + hour / 24, 60.0) for hour in range(12)))
    assert history.rarity(50.0) == "a score like this comes about 6 times a day here"


def test_the_realized_rate_is_that_of_four_weeks() -> None:
    history = watched(56, (1, 60.0), (40, 60.0), (50, 60.0))
    assert history.per_day == 2 / 28


def test_it_stays_bounded_and_counts_from_the_oldest_it_kept() -> None:
    history = watched(80, *((hour / 100, 60.0) for hour in range(MOST + 500)))
    assert history.rarity(60.0) == f"a score like this comes about {MOST / 75:.0f} times a day here"


def test_a_restart_changes_nothing() -> None:
    history, other = watched(30, (1, 60.0)), History()
    other.restore(history.snapshot())
    assert other.rarity(50.0) == history.rarity(50.0)
