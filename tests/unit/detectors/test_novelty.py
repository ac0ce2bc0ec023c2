import numpy as np
import pytest

from vedette.detectors.novelty import Novelty
from vedette.records.observation import Occurrences, Scope
from vedette.records.score import Scores, State
from vedette.records.segment import Segment

MINUTE = 60 * 10**9
START = 1_767_571_200 * 10**9
DAY = 1440

Rows = list[tuple[int, int, int]]


def window(step: int, rows: Rows) -> Occurrences:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return Occurrences(
        START + step * MINUTE,
        MINUTE,
        np.array(columns[0], np.int32),
        np.array(columns[1], np.uint64),
        np.array(columns[2], np.int64),
    )


def novelty(scopes: int = 2, ready_after: float = 7200.0, max_items: int = 1 << 20) -> Novelty:
    detector = Novelty(ready_after, max_items)
    detector.grow([Scope(Segment("", "shop", f"POST /{slot}"), "vedette.request.shape") for slot in range(scopes)])
    return detector


def show(detector: Novelty, step: int, rows: Rows) -> Scores:
    seen = window(step, rows)
    scores = detector.score(seen)
    detector.learn(seen, scores.surprise)
    return scores


def six_kinds(days: int = 3, seed: int = 1) -> Novelty:
    """Return a detector whose scope 0 saw six kinds of items for days, and scope 1 a new one every time."""
    rng = np.random.default_rng(seed)
    detector = novelty()
    for step in range(days * DAY):
        kinds = sorted(set(rng.choice(6, 1 + rng.poisson(0.3), p=[0.5, 0.2, 0.15, 0.1, 0.04, 0.01]).tolist()))
        show(detector, step, [(0, kind, 1) for kind in kinds] + [(1, 1000 + 2 * step + n, 1) for n in range(2)])
    return detector


@pytest.fixture(scope="module")
def taught() -> Novelty:
    return six_kinds()


def ask(detector: Novelty, slot: int, item: int, count: int = 1) -> float:
    return float(detector.score(window(3 * DAY, [(slot, item, count)])).surprise[0])


def test_a_new_item_is_odd_where_none_has_come_for_days(taught: Novelty) -> None:
    assert ask(taught, 0, 99) > 3.3


def test_a_new_item_is_usual_where_all_are_new(taught: Novelty) -> None:
    assert ask(taught, 1, 99) == 0.0
    assert ask(taught, 1, 99, count=40) == 0.0


def test_a_usual_item_is_none_however_often_it_comes(taught: Novelty) -> None:
    assert ask(taught, 0, 0, count=500) == 0.0


def test_a_rare_item_is_less_odd_than_a_new_one(taught: Novelty) -> None:
    assert 0.0 < ask(taught, 0, 5) < ask(taught, 0, 99)


def test_repetition_adds_evidence(taught: Novelty) -> None:
    once, twenty = ask(taught, 0, 99), ask(taught, 0, 99, count=20)
    assert twenty > once + 3
    assert ask(taught, 0, 99, count=3) < once + 1


def test_an_item_of_one_scope_is_new_to_another(taught: Novelty) -> None:
    assert ask(taught, 0, 1000) > 3


def test_expected_is_the_chance_of_an_item_so_new(taught: Novelty) -> None:
    scores = taught.score(window(3 * DAY, [(0, 99, 1), (1, 99, 1)]))
    assert scores.expected[0] == pytest.approx(10 ** -scores.surprise[0])
    assert scores.expected[1] > 0.9
    assert np.isnan(scores.lower).all()
    assert np.isnan(scores.upper).all()


def test_what_comes_back_is_known(taught: Novelty) -> None:
    detector = novelty()
    detector.restore(taught.snapshot())
    seen = [float(show(detector, 3 * DAY + step, [(0, 77, 1)]).surprise[0]) for step in range(200)]
    assert seen[0] > 3
    assert seen[1] < seen[0]
    assert seen[-1] == 0.0


def test_what_is_forgotten_is_as_new_each_time_and_nothing_else_changes(taught: Novelty) -> None:
    detector, other = novelty(), novelty()
    for one in (detector, other):
        one.restore(taught.snapshot())
    new, known = ask(detector, 0, 77), ask(detector, 0, 5)
    for step in range(200):
        seen = window(3 * DAY + step, [(0, 0, 1), (0, 77, 1)])
        detector.forget(seen, np.array([False, True]))
        assert detector.score(seen).surprise[1] == pytest.approx(new, abs=0.05)
        detector.learn(seen, np.zeros(2))
        show(other, 3 * DAY + step, [(0, 0, 1)])
    later = window(3 * DAY + 200, [(0, 5, 1), (0, 99, 1)])
    assert detector.score(later).surprise == pytest.approx(other.score(later).surprise, abs=0.05)
    assert detector.score(later).surprise[0] == pytest.approx(known, abs=0.05)


def test_a_scan_does_not_make_new_items_usual_at_once() -> None:
    detector = six_kinds()
    before = ask(detector, 0, 99)
    show(detector, 3 * DAY, [(0, 5000 + n, 1) for n in range(100)])
    after = detector.score(window(3 * DAY + 1, [(0, 99, 1)])).surprise[0]
    assert after > before - 0.7


def test_learning_until_time_and_occurrences_suffice() -> None:
    detector = novelty(ready_after=3600.0)
    states = [show(detector, step, [(0, 1, 1)]) for step in range(70)]
    assert [scores.state[0] for scores in states[:59]] == [State.LEARNING] * 59
    assert states[0].missing[0] == pytest.approx(3600.0)
    assert states[30].missing[0] == pytest.approx(3600.0 - 31 * 60)
    assert states[-1].state[0] == State.READY
    assert states[-1].missing[0] == 0


def test_hours_with_hardly_an_occurrence_do_not_suffice() -> None:
    detector = novelty(ready_after=3600.0)
    for step in range(0, 1200, 60):
        scores = show(detector, step, [(0, 1, 1)])
    assert scores.state[0] == State.LEARNING
    assert scores.missing[0] > 0


def test_a_scope_first_seen_late_starts_cold() -> None:
    detector = six_kinds(days=1)
    detector.grow([Scope(Segment("", "shop", "late"), "user")])
    scores = detector.score(window(DAY, [(2, 1, 1), (0, 1, 1)]))
    assert scores.state.tolist() == [State.LEARNING, State.READY]


def test_memory_has_a_bound_and_what_is_evicted_is_counted() -> None:
    detector = novelty(scopes=1, ready_after=0.0, max_items=256)
    for step in range(300):
        show(detector, step, [(0, 10 * step + n, 1) for n in range(10)])
    assert detector.evicted > 2000
    assert detector.nbytes < 45_000


def test_a_scope_that_lost_its_memory_is_blind_not_loud() -> None:
    detector = novelty(scopes=2, ready_after=0.0, max_items=256)
    for step in range(100):
        show(detector, step, [(0, n, 1) for n in range(20)])
    for step in range(100, 400):
        show(detector, step, [(1, 10 * step + n, 1) for n in range(10)])
    scores = detector.score(window(400, [(0, n, 1) for n in range(20)]))
    assert np.all(scores.state == State.BLIND)
    assert np.all(scores.surprise == 0)


def test_one_window_larger_than_the_bound_is_taken_in() -> None:
    detector = novelty(scopes=1, ready_after=0.0, max_items=64)
    show(detector, 0, [(0, n, 1) for n in range(5000)])
    assert detector.score(window(1, [(0, 7, 1)])).expected.shape == (1,)


def test_an_empty_window_is_fine() -> None:
    detector = novelty()
    assert len(show(detector, 0, []).surprise) == 0
