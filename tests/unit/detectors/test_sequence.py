"""Sequences: what is new about a session, how sure that is, and what is kept."""

from __future__ import annotations

import pytest

from vedette.detectors import sequence
from vedette.detectors.sequence import Sequences, shape_of
from vedette.errors import StateCorrupt
from vedette.state.codec import decode, encode

USUAL = shape_of([1, 2, 2, 3])


def taught(count: int = 300, trusted: bool = True) -> Sequences:
    """Return a model that learned usual sessions, with retries (4) in some."""
    model = Sequences(trusted)
    for number in range(count):
        steps = [1, 2, 2, 3] + [4] * (number % 3)
        model.learn(shape_of(steps), steps)
    return model


@pytest.mark.parametrize(
    ("events", "reason"),
    [([1, 2, 2, 3, 9], "template"), ([1, 2, 2], "set"), ([1, 2, 3], "counts"), ([1, 2, 2, 3, 4, 4, 4, 4], "")],
)
def test_what_is_new_is_said_and_what_varies_is_free(events: list[int], reason: str) -> None:
    verdict = taught().score(shape_of(events))
    assert (verdict.reason, verdict.alert) == (reason, reason != "")


def test_where_sessions_are_all_different_nothing_is_an_alert() -> None:
    model = Sequences()
    for number in range(300):
        model.learn(shape_of([number]))
    assert not model.score(shape_of([1000])).alert


def test_a_cold_start_is_silent() -> None:
    assert not taught(50).score(shape_of([9])).alert


def test_one_session_does_not_make_a_template_usual_and_judging_teaches_nothing() -> None:
    model = taught()
    odd = shape_of([1, 2, 2, 3, 9])
    assert model.score(odd) == model.score(odd)
    model.learn(odd)
    assert model.score(odd).alert
    model.learn(odd)
    assert not model.score(odd).alert


def test_a_rare_kind_is_usual_only_where_the_past_is_vouched_for() -> None:
    for trusted in (True, False):
        model = taught(trusted=trusted)
        for _ in range(2):
            model.learn(shape_of([1]))
        assert model.score(shape_of([1])).alert != trusted


def test_one_vouched_session_of_a_kind_does_not_vouch_for_other_counts_of_its_lines() -> None:
    model = taught()
    for _ in range(3):
        model.learn(shape_of([1, 7]))
    model.learn(shape_of([1, 7, 2]))
    assert model.score(shape_of([1, 7, 2])) == sequence.USUAL
    for counts in ([1, 7, 7, 2], [1, 7, 2, 2]):
        verdict = model.score(shape_of(counts))
        assert (verdict.reason, verdict.alert) == ("counts", True)


def test_where_counts_vary_in_other_kinds_a_kind_of_one_session_may_vary_too() -> None:
    model = Sequences(trusted=True)
    for number in range(300):
        model.learn(shape_of([1] * (1 + number % 7) + [2] * (1 + number % 5)))
    for number in range(40):
        model.learn(shape_of([3, 4] * (1 + number) + [5] * (1 + number % 3)))
    model.learn(shape_of([3, 4]))
    assert not model.score(shape_of([3, 3, 4])).alert


def test_a_restored_model_judges_alike() -> None:
    model, other = taught(317), Sequences()
    other.restore(decode(encode(model.snapshot())))
    for events in ([1, 2, 2, 3], [1, 2], [9], [1, 2, 3, 4]):
        assert other.score(shape_of(events)) == model.score(shape_of(events))
    assert other.nbytes == model.nbytes
    with pytest.raises(StateCorrupt):
        other.restore({"version": 0})


def test_memory_has_a_bound_and_what_is_refused_is_counted() -> None:
    model = Sequences(max_shapes=10)
    for number in range(15):
        model.learn(shape_of([number]))
    assert model.refused == 5


def test_the_order_of_lines_is_judged_once_a_thousand_sessions_kept_to_it() -> None:
    for count, reason in ((500, ""), (3000, "order")):
        model = taught(count)
        verdict = model.score(shape_of([2, 1, 2, 3]), [2, 1, 2, 3])
        assert (verdict.reason if verdict.alert else "") == reason
        assert not model.score(shape_of([1, 2, 2, 3, 4]), [1, 2, 2, 3, 4]).alert
        assert model.rare_pairs([2, 1, 2, 3]) == [(2, 1), (1, 2)][:1]


def test_without_the_order_of_every_session_none_is_judged() -> None:
    model = taught(3000)
    model.learn(shape_of([1, 2, 2, 3]))
    assert not model.score(shape_of([2, 1, 2, 3]), [2, 1, 2, 3]).alert


def test_more_pairs_than_are_held_say_nothing() -> None:
    model = Sequences(max_pairs=5)
    for number in range(3000):
        model.learn(shape_of([1, 2, number % 4]), [1, 2, number % 4])
    assert not model.score(shape_of([2, 1, 0]), [2, 1, 0]).alert
    assert model.size < 20


def test_what_is_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "MOST_SESSIONS", 1000)
    model = taught(400)
    for _ in range(6000):
        model.learn(USUAL, [1, 2, 2, 3])
    assert model.sessions < 1000
    assert model.support(4) == 0
    assert model.score(shape_of([1, 2, 2, 3, 4])).alert
    assert not model.score(USUAL).alert
