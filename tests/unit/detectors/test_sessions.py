"""Sessions live: what is strange is an item with a chance of its own, and what keeps coming becomes usual."""

from __future__ import annotations

import numpy as np
import pytest
from bench.ordinary import MINUTE, START, Nothing

from vedette.detectors import sessions
from vedette.detectors.novelty import Novelty
from vedette.detectors.sessions import USUAL, SessionWatch, poisson_surprise
from vedette.errors import StateCorrupt
from vedette.records.observation import Measures, Occurrences
from vedette.records.score import State
from vedette.records.session import Ended, Session
from vedette.records.window import Window
from vedette.state.codec import decode, encode

NONE = np.zeros(0, np.int64)
STEPS = (1, 2, 3)


def window(*found: Session, minute: int = 0) -> Window:
    start = START + minute * MINUTE
    nothing = NONE.astype(np.int32)
    return Window(
        start,
        MINUTE,
        (),
        (),
        Measures(start, MINUTE, nothing, np.zeros(0), np.zeros(0)),
        Occurrences(start, MINUTE, nothing, NONE.astype(np.uint64), NONE),
        Nothing(),
        ended=Ended(found, lambda number: f"line {number}"),
    )


def taught(minutes: int = 100, each: int = 20) -> SessionWatch:
    model = SessionWatch()
    for minute in range(minutes):
        model.take(window(Session(0, STEPS, each), minute=minute))
    return model


@pytest.mark.parametrize(
    ("steps", "item", "told"),
    [
        ((1, 3), "lacks “line 2”", "a session lacks “line 2”, which 2,000 of 2,000 before had"),
        ((1, 2, 3, 9), "has “line 9”", "a session has “line 9”, as none of 2,000 before had"),
        ((1, 2, 3, 3), "has “line 3” 2 times", "a session has “line 3” 2 times, where such sessions mostly have 1"),
        ((2, 1, 3), "goes from “line 2” to “line 1”", "which none of 2,000 before did, and 1 more pairs"),
    ],
)
def test_what_is_strange_is_said_with_what_is_usual(steps: tuple[int, ...], item: str, told: str) -> None:
    after = taught().take(window(Session(0, STEPS, 19), Session(0, steps, 1), minute=100))
    (remark,) = after.remarks.values()
    assert remark.item == item
    assert told in remark.told
    assert remark.evidence[0] == f"1. line {steps[0]}"
    assert dict(zip(after.occurrences.item.tolist(), after.occurrences.count.tolist(), strict=True))[USUAL] == 19


def test_the_surprise_grows_with_the_number_of_strange_sessions_and_waits_for_enough_history() -> None:
    model, novelty = taught(), Novelty(ready_after=MINUTE / 1e9 * 5)
    novelty.grow([None])  # type: ignore[list-item]
    found = []
    for strange in (1, 4):
        after = model.take(window(Session(0, STEPS, 20 - strange), Session(0, (1, 3), strange), minute=200))
        cold = model.weigh(after, novelty.score(after.occurrences))
        assert cold.surprise.max() == 0.0
        for minute in range(100):
            one = SessionWatch().take(window(Session(0, STEPS, 20), minute=minute))
            novelty.learn(one.occurrences, np.zeros(1))
        warm = model.weigh(after, novelty.score(after.occurrences))
        assert (warm.state == State.READY).all()
        found.append(warm.surprise.max())
        model, novelty = taught(), Novelty(ready_after=MINUTE / 1e9 * 5)
        novelty.grow([None])  # type: ignore[list-item]
    assert found[0] > 1.0
    assert found[1] > 3.0 * found[0]


def test_a_wave_of_faults_is_not_usual_soon_but_a_release_is_in_the_end() -> None:
    model, strange = taught(), []
    for minute in range(100, 400):
        after = model.take(window(Session(0, (1, 3), 20), minute=minute))
        strange.append(bool(after.remarks))
    assert all(strange[:15])
    assert not strange[-1]


def test_a_window_without_sessions_is_left_as_it_is() -> None:
    empty = window()
    assert SessionWatch().take(empty) is empty


def test_a_restored_bank_says_the_same() -> None:
    model, other = taught(), SessionWatch()
    other.restore(decode(encode(model.snapshot())))
    odd = window(Session(0, (1, 3), 2), Session(1, (1, 2), 2), minute=101)
    assert model.take(odd).remarks == other.take(odd).remarks
    assert model.snapshot() == other.snapshot()
    assert model.nbytes == other.nbytes
    other.restore({})
    assert other.nbytes == 0
    with pytest.raises(StateCorrupt):
        other.restore({"version": 0})


def test_memory_has_a_bound_over_all_services_and_what_is_refused_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_HELD", 30)
    model = SessionWatch()
    for slot in range(100):
        model.take(window(Session(slot, (slot, slot + 1), 2), minute=slot))
    assert model.refused == 170
    assert model.nbytes < 30 * 400


@pytest.mark.parametrize(("count", "mean"), [(1, 0.3), (3, 0.5), (7, 2.0), (40, 10.0)])
def test_the_surprise_is_the_tail_of_a_poisson_distribution(count: int, mean: float) -> None:
    draws = np.random.default_rng(1).poisson(mean, 2_000_000)
    expected = (draws >= count).mean()
    if expected > 1e-4:
        assert 10.0 ** -poisson_surprise(count, mean) == pytest.approx(expected, rel=0.1)
    assert poisson_surprise(count, 1e-200) > poisson_surprise(count, mean)
