import numpy as np
from numpy.typing import NDArray

from vedette.decision.root import HOLD, Clues, Suspects, blame, evidence

WEB, CART, STOCK = 0, 1, 2
NONE = np.zeros(0, np.int64)


def clues(
    own: dict[int, float] | None = None,
    ways: dict[tuple[int, int], float] | None = None,
    shapes: dict[tuple[int, int], float] | None = None,
) -> Clues:
    def ends(pairs: dict[tuple[int, int], float]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        table = np.array(list(pairs), np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1], np.array(list(pairs.values()), np.float64)

    caller, callee, z = ends(ways or {})
    mine = own or {}
    times = np.array(list(mine), np.int64), evidence(np.array(list(mine.values()), np.float64))
    return Clues(times, (caller, callee, evidence(z)), ends(shapes or {}))


def test_evidence_grows_with_the_deviation_is_bounded_and_the_ordinary_speaks_against() -> None:
    found = evidence(np.array([-9.0, 0.0, 2.0, 5.0, 20.0, 1e9]))
    assert found[0] == found[1] < 0.0
    assert (np.diff(found[1:5]) > 0.0).all()
    assert found[-1] < 10.0


def test_a_way_is_blamed_on_the_end_whose_other_ways_are_slow_too() -> None:
    found = blame(clues(ways={(WEB, CART): 9.0, (WEB, STOCK): 0.0, (CART, STOCK): 9.0}), 3)
    assert found.argmax() == CART


def test_a_caller_that_is_slow_on_all_ways_is_blamed_itself() -> None:
    assert blame(clues(ways={(WEB, CART): 9.0, (WEB, STOCK): 9.0}), 3).argmax() == WEB


def test_a_call_without_an_answer_is_blamed_on_both_ends_and_the_callee_has_nothing_in_its_favor() -> None:
    assert blame(clues(own={WEB: 0.0}, shapes={(WEB, CART): 9.0}), 3).argmax() == CART


def test_a_small_surprise_of_shape_is_no_evidence() -> None:
    assert blame(clues(shapes={(WEB, -1): 1.0}), 3).tolist() == [0.0, 0.0, 0.0]


def test_nothing_wrong_means_scores_near_nothing() -> None:
    verdict = Suspects(3).judge(0.0, np.full(3, -1.0))
    assert verdict.score.tolist() == verdict.root.tolist() == [0.0, 0.0, 0.0]
    assert not verdict.alert.any()


def test_root_scores_are_shares_of_how_certain_it_is_that_something_is_wrong() -> None:
    mild, severe = (Suspects(3).judge(0.0, np.array([nats, nats / 2.0, 0.0])).root for nats in (2.0, 40.0))
    assert mild.argmax() == severe.argmax() == 0
    assert mild.sum() < 0.5 < severe.sum() <= 1.0


def calm(services: int = 2) -> Suspects:
    """Return suspects with a day behind them in which nothing spoke against anybody."""
    suspects = Suspects(services)
    for minute in range(1440):
        suspects.judge((minute - 1440) * 60.0, np.zeros(services))
    return suspects


def test_an_episode_is_told_once_and_again_after_a_pause() -> None:
    suspects, odd = calm(), np.array([20.0, 0.0])
    told = [suspects.judge(minute * 60.0, odd).alert[0] for minute in range(10)]
    assert told == [True] + [False] * 9
    assert suspects.judge(9 * 60.0 + HOLD, odd).alert[0]


def test_evidence_that_a_service_often_had_ranks_it_but_is_no_news() -> None:
    suspects = Suspects(2)
    for minute in range(600):
        often = suspects.judge(minute * 60.0, np.array([9.0 * (minute % 10 == 0), 0.0]))
        if minute == 590:
            assert not often.alert[0]
            assert often.root.argmax() == 0
    assert suspects.judge(36_000.0, np.array([0.0, 15.0])).alert[1]


def test_mild_evidence_adds_up_over_windows_and_fades_without() -> None:
    suspects = calm()
    told = [bool(suspects.judge(minute * 60.0, np.array([3.5, 0.0])).alert[0]) for minute in range(4)]
    assert told == [False, True, False, False]
    assert suspects.judge(7200.0, np.zeros(2)).root.max() < 1e-6


def test_a_suspect_stays_suspected_through_a_window_that_does_not_show_it() -> None:
    suspects = Suspects(2)
    suspects.judge(0.0, np.array([20.0, 0.0]))
    later = suspects.judge(60.0, np.array([-2.0, 0.5]))
    assert later.root.argmax() == 0
    assert later.score[0] == 0.0


def test_what_is_restored_goes_on_alike() -> None:
    suspects, other = Suspects(2), Suspects(2)
    suspects.judge(0.0, np.array([20.0, 3.0]))
    other.restore(suspects.snapshot())
    one, two = (each.judge(60.0, np.array([20.0, 3.0])) for each in (suspects, other))
    assert one.root.tolist() == two.root.tolist()
    assert one.alert.tolist() == two.alert.tolist()
