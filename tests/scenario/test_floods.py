"""The flood story: surprises three times too large, service after service, are one incident; real trouble is told."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from bench.ordinary import MINUTE, START, Nothing

from vedette.decision.decide import Decider, Decision
from vedette.decision.said import Said
from vedette.records.feature import feature_of
from vedette.records.finding import Kind
from vedette.records.incident import Incident, Phase
from vedette.records.observation import Measures, Occurrences
from vedette.records.rule import Ruling
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.state.codec import decode, encode

DAY, HOUR = 1440, 60
SERVICES = [Segment("prod", f"service-{number:02}", "") for number in range(40)]
SERIES = [feature_of(name).series(one) for name in ("latency_p95_seconds", "denied_ratio") for one in SERVICES]
MANY = len(SERIES)
LATENCY = np.arange(MANY) < len(SERVICES)
NONE = Scores(np.zeros(0, np.int8), *[np.zeros(0)] * 5)
LEARNED = 2 * DAY
ALLOWED = 12
"""Single incidents told before a flood is one, at most: some begin close to one another and count once."""


@dataclass
class Room:
    """A decision room, fed with surprises, and what it told."""

    decide: Decider = field(default_factory=lambda: Decider(1.0, 15 * MINUTE))
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(11))
    minute: int = 0
    latest: dict[str, Incident] = field(default_factory=dict)

    def play(self, minutes: int, odd: dict[int, np.ndarray] | None = None, factor: np.ndarray | None = None) -> None:
        """Let minutes go by: `odd` are surprises by minute, `factor` what all are too large by, by minute and slot."""
        for number in range(minutes):
            surprise = -np.log10(self.rng.random(MANY))
            if factor is not None:
                surprise = surprise * factor[number]
            if odd and number in odd:
                surprise = np.maximum(surprise, odd[number])
            self.note(self.step(surprise))

    def step(self, surprise: np.ndarray, said: Said | None = None) -> Decision:
        start, none = START + self.minute * MINUTE, np.zeros(0)
        ones = np.ones(MANY)
        window = Window(
            start,
            MINUTE,
            SERIES if self.minute == 0 else (),
            (),
            Measures(start, MINUTE, np.arange(MANY, dtype=np.int32), 9.0 * ones, ones),
            Occurrences(start, MINUTE, none.astype(np.int32), none.astype(np.uint64), none.astype(np.int64)),
            Nothing(),
        )
        self.minute += 1
        scores = Scores(np.full(MANY, State.READY, np.int8), surprise, ones, 0.5 * ones, 1.5 * ones, 0.0 * ones)
        return self.decide.step(window, scores, NONE, said=said or Said())

    def note(self, decision: Decision) -> None:
        self.latest.update({one.id: one for one in decision.incidents})

    @property
    def told(self) -> list[Incident]:
        return [one for one in self.latest.values() if one.phase is not Phase.PENDING]

    @property
    def floods(self) -> list[Incident]:
        return [one for one in self.told if one.title.startswith("detector misbehaving")]

    def again(self) -> Room:
        """Return a room that goes on from this one's snapshot."""
        other = Room(rng=np.random.default_rng(5), minute=self.minute)
        other.decide.restore(self.state, SERIES, [])
        return other

    @property
    def state(self) -> dict[str, object]:
        state: dict[str, object] = decode(encode(self.decide.snapshot()))
        return state


@pytest.fixture(scope="module")
def learned() -> Room:
    """Return a room after two ordinary days."""
    room = Room()
    room.play(LEARNED)
    return room


def flood(minutes: int, apart: int = 12) -> np.ndarray:
    """Return what surprises are too large by: of one service's latency after the other, three times."""
    begins = np.where(LATENCY, np.arange(MANY) * apart, minutes)
    return np.where(np.arange(minutes)[:, None] >= begins, 3.0, 1.0)


def surprises(slots: np.ndarray, height: float = 12.0) -> np.ndarray:
    return np.where(slots, height, 0.0)


def test_an_ordinary_week_has_no_flood(learned: Room) -> None:
    room = learned.again()
    room.play(7 * DAY)
    assert not [*learned.floods, *room.floods]
    assert len(room.told) <= 7


@pytest.fixture(scope="module")
def flooded(learned: Room) -> Room:
    """Return the room after eight hours in which one service after another is misjudged."""
    room = learned.again()
    room.play(8 * HOUR, factor=flood(8 * HOUR))
    return room


def test_surprises_that_turn_too_large_are_one_incident(flooded: Room) -> None:
    assert len(flooded.floods) == 1
    assert len(flooded.told) - 1 <= ALLOWED


def test_an_attack_in_the_flood_is_told(flooded: Room) -> None:
    room = flooded.again()
    room.latest.update(flooded.latest)
    before = {one.id for one in room.told}
    attacked = surprises(np.arange(MANY) == MANY - 3)
    factor = np.where(LATENCY, 3.0, 1.0) * np.ones((HOUR, 1))
    room.play(HOUR, odd=dict.fromkeys(range(20, 26), attacked), factor=factor)
    fresh = [one for one in room.told if one.id not in before]
    assert Kind.SECURITY in {one.kind for one in fresh}
    assert len([one for one in fresh if one.kind is Kind.SECURITY]) == 1


def test_thirty_services_that_fail_at_one_moment_are_one_incident_and_no_flood(learned: Room) -> None:
    room = learned.again()
    room.play(2 * HOUR, odd=dict.fromkeys(range(30, 60), surprises(np.arange(MANY) < 30)))
    assert not room.floods
    (whole,) = (one for one in room.told if "services deviate at once" in one.title)
    assert whole.title.startswith("30 services ")
    assert whole.finding_count >= 30 * 25
    assert {part.segment for part in whole.explanation.contributions} <= set(SERVICES[:30])
    assert len(room.told) == 1


def test_a_rule_in_the_flood_is_told(flooded: Room) -> None:
    room = flooded.again()
    ruling = Ruling(SERVICES[4], "r-1", "Card testing", "high", (), "", 30, (), ())
    decision = room.step(-np.log10(room.rng.random(MANY)), Said(rulings=[ruling]))
    room.note(decision)
    assert any("Card testing" in one.title for one in room.latest.values())


def test_rooms_that_go_on_from_one_snapshot_tell_the_same(flooded: Room) -> None:
    one, other = flooded.again(), flooded.again()
    for room in (one, other):
        room.play(HOUR, factor=np.where(LATENCY, 3.0, 1.0) * np.ones((HOUR, 1)))
    assert encode(one.decide.snapshot()) == encode(other.decide.snapshot())
    assert repr(one.latest) == repr(other.latest)
