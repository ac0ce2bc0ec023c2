"""What is new for everybody is a release; what is new for few, what is rare, and what fails is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from vedette.drift.releases import CALM, LASTS, LOOK, ReleaseWatch
from vedette.errors import StateCorrupt
from vedette.records.drift import Change
from vedette.records.feature import CATALOG
from vedette.records.observation import Measures, Occurrences, Scope, Series
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.state.codec import decode, encode

MINUTE = 60 * 10**9
START = 1_790_000_000 * 10**9
BANK = Segment("prod", "bank", "")
NEW = Segment("prod", "bank", "GET /new")
SLOTS: list[tuple[Segment, str]] = [
    (BANK, "requests"),
    (BANK, "clients"),
    (NEW, "requests"),
    (NEW, "clients"),
    (BANK, "latency_p50_seconds"),
    (BANK, "error_ratio"),
    (NEW, "missing_ratio"),
]
SERIES = [CATALOG[feature].series(segment) for segment, feature in SLOTS]
SCOPES = [Scope(BANK, "endpoint")]


class Nothing:
    """A context that knows the new endpoint's name."""

    def item(self, code: int) -> str:
        return {7: "GET /new", 3: "GET /old"}[code]


@dataclass
class Player:
    """Feeds windows of a minute to a watch."""

    watch: ReleaseWatch
    minute: int = 0

    def step(
        self,
        new: float,
        clients: float = 1.0,
        surprise: float = 3.0,
        latency: float = 0.1,
        missing: float = 0.0,
        state: State = State.READY,
    ) -> tuple[Change, ...]:
        """Play a window of 100 requests of 50 clients, of which `new` are new, by `clients` of them a request."""
        first = self.minute == 0
        at = START + self.minute * MINUTE
        self.minute += 1
        values = np.array([100.0, 50.0, new, clients * new, latency, 0.01, missing])
        count = len(values) if new else 2
        slot = np.array([0, 1, 4, 5] if not new else range(count), np.int32)
        measures = Measures(at, MINUTE, slot, values[slot], np.full(len(slot), 100.0))
        rows = 2 if new else 1
        seen = Occurrences(
            at,
            MINUTE,
            np.zeros(rows, np.int32),
            np.array([3, 7][:rows], np.uint64),
            np.array([100 - int(new), int(new)][:rows], np.int64),
        )
        occurred = scores(np.array([0.0, surprise][:rows]), state)
        measured = scores(np.zeros(len(slot)))
        context = Nothing()
        window = Window(at, MINUTE, SERIES if first else (), SCOPES if first else (), measures, seen, context)  # type: ignore[arg-type]
        if first:
            self.watch.grow(window.series, window.scopes)
        return self.watch.take(window, measured, occurred)

    def play(self, minutes: int, new: float, **more: float) -> tuple[Change, ...]:
        """Play minutes alike; return what the last one says."""
        found: tuple[Change, ...] = ()
        for _ in range(minutes):
            found = self.step(new, **more)  # type: ignore[arg-type]
        return found

    def retrain(self) -> tuple[list[int], list[float]]:
        """Return what is to be learned anew now."""
        slots, by = self.watch.retrain(START + self.minute * MINUTE)
        return slots.tolist(), by.tolist()


def scores(surprise: np.ndarray, state: State = State.READY) -> Scores:
    count = len(surprise)
    return Scores(
        np.full(count, state, np.int8),
        surprise,
        np.full(count, 0.1),
        np.full(count, 0.05),
        np.full(count, 200.0 if count not in (4, 7) else 0.2),
        np.zeros(count),
    )


@pytest.fixture
def player() -> Player:
    return Player(ReleaseWatch())


def test_a_third_of_the_requests_new_and_of_many_clients_is_a_release_soon(player: Player) -> None:
    assert player.play(120, 0.0) == ()
    since = START + player.minute * MINUTE
    assert player.play(int(LASTS / MINUTE) - 1, 33.0) == ()
    (change,) = player.play(15, 33.0)
    assert change.service == BANK
    assert change.since == since
    assert since + LASTS <= change.noticed <= since + LASTS + 15 * MINUTE
    assert 0.1 <= change.share <= 0.34
    assert change.named == ("GET /new",)
    assert change.items == 1


@pytest.mark.parametrize(
    ("new", "clients", "surprise"),
    [(33.0, 0.05, 3.0), (4.0, 1.0, 3.0), (33.0, 1.0, 1.0)],
    ids=["few", "little", "known"],
)
def test_what_few_bring_what_is_little_and_what_is_known_are_none(
    player: Player, new: float, clients: float, surprise: float
) -> None:
    player.play(120, 0.0)
    assert player.play(180, new, clients=clients, surprise=surprise) == ()


def test_what_is_learned_still_is_none(player: Player) -> None:
    assert player.play(180, 33.0, state=State.LEARNING) == ()


def test_what_is_taken_back_at_once_is_none(player: Player) -> None:
    player.play(120, 0.0)
    player.play(15, 33.0)
    assert player.play(300, 0.0) == ()


def test_what_many_ask_for_and_mostly_is_not_there_is_none(player: Player) -> None:
    player.play(120, 0.0)
    assert player.play(180, 33.0, missing=0.9) == ()


def test_what_is_new_once_is_forgotten_after_a_day(player: Player) -> None:
    player.play(120, 0.0)
    player.step(1.0)
    assert player.watch._newcomers.count(BANK) == 1
    player.play(26 * 60, 0.0)
    assert player.watch._newcomers.count(BANK) == 0


def test_the_operation_of_few_clients_is_narrow_while_the_change_is_on(player: Player) -> None:
    player.play(120, 0.0)
    (change,) = player.play(40, 33.0)
    assert change.narrow == frozenset()
    (change,) = player.step(33.0, clients=0.05)
    assert change.narrow == {NEW}


def test_a_number_that_stays_outside_is_learned_anew_and_failures_never(player: Player) -> None:
    player.play(120, 0.0)
    player.play(40, 33.0, latency=0.4)
    assert player.retrain() == ([], [])
    player.play(int(LOOK / MINUTE), 33.0, latency=0.4)
    slots, by = player.retrain()
    assert slots.count(4) == 1
    assert 5 not in slots
    assert by[slots.index(4)] == pytest.approx(np.log(4.0))


def test_a_change_that_was_judged_real_is_never_learned(player: Player) -> None:
    player.play(120, 0.0)
    player.play(40 + int(LOOK / MINUTE), 33.0, latency=0.4)
    now = START + player.minute * MINUTE
    assert player.watch.retrain(now, {BANK})[0].tolist() == []
    (change,) = player.watch.changes
    assert (change.retrained, change.settled) == (0, 0)
    assert 4 in player.watch.retrain(now, {NEW})[0].tolist()


def test_it_settles_when_nothing_is_left_to_learn_and_is_over_after_a_day(player: Player) -> None:
    player.play(120, 0.0)
    player.play(40, 33.0)
    settled = 0
    for _ in range(CALM + 2):
        (change,) = player.play(int(LOOK / MINUTE), 33.0)
        settled = settled or change.settled
        player.watch._relearning.off[:] = 0.0
        player.retrain()
    assert settled
    assert player.play(24 * 60, 33.0, surprise=0.0) == ()


def test_what_moves_for_a_day_is_settled_then_and_over(player: Player) -> None:
    player.play(120, 0.0)
    (noticed,) = player.play(40, 33.0)
    settled = 0
    while player.minute * MINUTE + START < noticed.noticed + 25 * 60 * MINUTE:
        for change in player.step(33.0, surprise=0.0, latency=0.4 if player.minute % 2 else 0.01):
            settled = settled or change.settled
        player.retrain()
    assert 0 <= settled - noticed.noticed - 24 * 60 * MINUTE <= MINUTE
    assert player.watch.changes == ()


def test_it_goes_on_from_its_snapshot(player: Player) -> None:
    player.play(120, 0.0)
    player.play(15, 33.0)
    other = Player(ReleaseWatch(), player.minute)
    other.watch.restore(decode(encode(player.watch.snapshot())), SERIES, SCOPES)
    for _ in range(60):
        assert player.step(33.0) == other.step(33.0)
    assert encode(player.watch.snapshot()) == encode(other.watch.snapshot())


def test_another_version_is_refused_and_none_is_nothing_learned() -> None:
    watch = ReleaseWatch()
    watch.restore({}, SERIES, SCOPES)
    assert watch.changes == ()
    with pytest.raises(StateCorrupt, match="99"):
        watch.restore({"version": 99}, SERIES, SCOPES)


def test_series_are_those_of_the_catalog() -> None:
    assert all(isinstance(one, Series) for one in SERIES)
