"""What was judged real never becomes usual while the verdict holds; an open attack's numbers teach nothing."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.decision.test_lifecycle import CHECKOUT, LOGIN, MINUTE, SERVICE, finding, window

from vedette.decision.held import LASTS, MOST, SHARE, Held
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.unsettled import NOTHING, UNDECIDED, YOUNG, Holding
from vedette.records.context import Cause, Confirmation, Notice, Suppression, Verdict, Withdrawal
from vedette.records.finding import Kind
from vedette.records.observation import Occurrences, Scope
from vedette.records.texts import stable_hash
from vedette.state.codec import decode, encode

SHAPES = Scope(CHECKOUT, "request_shape")
OTHERS = Scope(LOGIN, "request_shape")
ODD, USUAL = "card:1' OR", "card:4111"
UNTIL = 100 * MINUTE
REAL = Confirmation("i1", (Cause(CHECKOUT, "request_shape", ODD),), UNTIL)


def seen(minute: int = 1) -> Occurrences:
    """Return a window in which both places have both items."""
    slot, items = np.array([0, 0, 1, 1], np.int32), [stable_hash(text) for text in (ODD, USUAL) * 2]
    return Occurrences(minute * MINUTE, MINUTE, slot, np.array(items, np.uint64), np.ones(4, np.int64))


def held(*notices: Notice) -> Held:
    one = Held()
    one.grow([SHAPES])
    for notice in notices:
        one.heed(notice)
    one.grow([OTHERS])
    return one


def test_the_item_of_what_is_real_is_held_in_its_place_and_no_other() -> None:
    assert held(REAL).rows(seen()).tolist() == [True, False, False, False]
    assert not held().rows(seen()).any()


def test_a_place_that_comes_later_is_found_too() -> None:
    late = replace(REAL, causes=(Cause(LOGIN, "request_shape", USUAL),))
    assert held(late).rows(seen()).tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    "notice",
    [Withdrawal("i1"), Suppression("i1", "i1", Verdict.NOISE, (), 0, UNTIL)],
)
def test_another_verdict_takes_it_back(notice: Notice) -> None:
    assert not held(REAL, notice).rows(seen()).any()
    assert held(REAL, replace(notice, id="i2")).rows(seen()).any()


def test_it_expires() -> None:
    one = held(REAL)
    assert one.rows(seen(99)).any()
    assert not one.rows(seen(100)).any()
    assert one.snapshot()["confirmed"] == []


def test_it_has_a_bound_and_the_oldest_goes() -> None:
    many = [replace(REAL, id=f"m{number}") for number in range(MOST - 1)]
    assert len(held(REAL, *many).snapshot()["confirmed"]) == MOST
    kept = held(REAL, *many, replace(REAL, id="more")).snapshot()["confirmed"]
    assert len(kept) == MOST
    assert "i1" not in {row["id"] for row in kept}


def test_a_service_is_held_for_a_quarter_of_its_time() -> None:
    one, attack = Held(), Holding(services=frozenset({SERVICE}))
    within = 0
    for _ in range(3 * 24 * 60):
        one.step(attack, MINUTE)
        within += SERVICE in one.services
    assert within == pytest.approx(3 * 24 * 60 * SHARE, rel=0.3)
    for _ in range(LASTS):
        one.step(NOTHING, MINUTE)
    assert one.services == frozenset()
    for _ in range(24 * 60):
        one.step(NOTHING, MINUTE)
    one.step(attack, MINUTE)
    assert one.services == {SERVICE}


def test_it_goes_on_from_its_snapshot() -> None:
    one, other = held(REAL), Held()
    one.step(Holding(frozenset({(CHECKOUT, "requests")}), frozenset({SERVICE})), MINUTE)
    other.restore(decode(encode(one.snapshot())), [SHAPES, OTHERS])
    assert other.numbers == one.numbers == {(CHECKOUT, "requests")}
    assert other.services == one.services == {SERVICE}
    assert other.rows(seen()).tolist() == one.rows(seen()).tolist()
    assert encode(other.snapshot()) == encode(one.snapshot())
    other.restore({}, [SHAPES])
    assert not other.numbers
    assert not other.services
    assert not other.rows(seen()).any()


def opened(**changes: object) -> tuple[Lifecycle, str]:
    life = Lifecycle(Rules(10**6 * MINUTE))
    (incident,) = life.step(window(3), [finding(3, **changes)])
    return life, incident.id


def test_all_numbers_of_a_service_are_held_while_an_attack_deviates_there() -> None:
    life = Lifecycle(Rules(10**6 * MINUTE))
    attack = finding(3, feature="denied_ratio", kind=Kind.SECURITY)
    assert life.held([attack], 3 * MINUTE) == Holding(services=frozenset({SERVICE}))
    assert life.held([], 4 * MINUTE) == NOTHING
    assert life.held([finding(3, feature="requests", kind=Kind.OPERATIONS)], 3 * MINUTE) == NOTHING
    assert life.held([replace(attack, p_value=attack.threshold / 2)], 3 * MINUTE) == NOTHING
    assert life.held([replace(attack, detector="novelty", item="new")], 3 * MINUTE) == NOTHING


def test_shares_of_errors_are_held_for_some_hours_while_an_incident_is_open() -> None:
    life, _ = opened(feature="error_ratio")
    hours = YOUNG // MINUTE
    assert life.held([], (2 + hours) * MINUTE).numbers == {(CHECKOUT, "error_ratio")}
    assert life.held([], (3 + hours) * MINUTE) == NOTHING


def test_what_is_judged_real_is_held_for_a_week_unless_that_is_taken_back() -> None:
    life, name = opened()
    days = UNDECIDED // MINUTE
    life.heed(Confirmation("another", (), UNTIL))
    assert life.held([], 4 * MINUTE) == NOTHING
    life.heed(Confirmation(name, (), UNTIL))
    again = Lifecycle(Rules(10**6 * MINUTE))
    again.restore(decode(encode(life.snapshot())))
    for one in (life, again):
        assert one.held([], (2 + days) * MINUTE).numbers == {(CHECKOUT, "latency_p95_seconds")}
        assert one.held([], (3 + days) * MINUTE) == NOTHING
    life.heed(Withdrawal(name))
    assert life.held([], 4 * MINUTE) == NOTHING


def test_what_a_person_ended_teaches() -> None:
    life, name = opened(feature="error_ratio")
    life.heed(Suppression(name, name, Verdict.EXPECTED, (), 0, UNTIL))
    assert life.held([], 4 * MINUTE) == NOTHING
