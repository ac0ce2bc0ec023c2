import numpy as np
import pyarrow.compute as pc
import pytest

from vedette.errors import BadInput
from vedette.simulate.organization import KINDS, Insertion, Organization, a_campaign, generate

SMALL = Organization(users=60, accounts=8, servers=30, days=40, seed=3, pace=0.4)


def test_the_same_seed_gives_the_same_events() -> None:
    assert generate(SMALL, a_campaign(SMALL, 1)).events.equals(generate(SMALL, a_campaign(SMALL, 1)).events)


def test_another_seed_gives_other_events() -> None:
    other = Organization(users=60, accounts=8, servers=30, days=40, seed=4, pace=0.4)
    assert not generate(SMALL).events.equals(generate(other).events)


def test_insertions_change_no_other_events() -> None:
    plain, made = generate(SMALL).events, generate(SMALL, a_campaign(SMALL, 1))
    assert made.events.num_rows == plain.num_rows + sum(made.truth["events"].to_pylist())
    rows = {str(row) for row in made.events.slice(0, 20_000).to_pylist()}
    until = made.events["time"][19_999]
    before = plain.filter(pc.less(plain["time"], until)).slice(0, 5_000)
    assert all(str(row) in rows for row in before.to_pylist())


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_says_who_and_when(kind: str) -> None:
    user = {"mass_transfer": 60, "service_misuse": 63}.get(kind, 5)
    made = generate(SMALL, [Insertion(kind, user, 20, 1.0, 9)])
    row = made.truth.to_pylist()[0]
    plain = generate(SMALL).events
    assert row["kind"] == kind
    assert row["first"] >= 20_458 + 20 - 1
    more = pc.sum(pc.equal(made.events["user.id"], row["user"])).as_py()
    assert more - pc.sum(pc.equal(plain["user.id"], row["user"])).as_py() == row["events"]


@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_intensity_is_about_twice_the_events(kind: str) -> None:
    user = {"mass_transfer": 60, "service_misuse": 63}.get(kind, 5)
    one, two = (generate(SMALL, [Insertion(kind, user, 20, x, 9)]).truth["events"][0].as_py() for x in (1.0, 2.0))
    assert 1.5 * one < two < 2.6 * one


def test_people_rest_on_weekends_and_holidays() -> None:
    time = generate(SMALL).events["time"]
    day = (pc.divide(pc.cast(time, "int64"), 86_400_000_000).to_numpy() - 20_458).astype(int)
    events = np.bincount(day[day >= 0], minlength=40)
    assert events[5:7].max() < 0.6 * events[7:12].min()


@pytest.mark.parametrize(("kind", "day"), [("magic", 20), ("leaver", 39), ("leaver", -1)])
def test_an_impossible_insertion_is_refused(kind: str, day: int) -> None:
    with pytest.raises(BadInput, match="expected"):
        generate(SMALL, [Insertion(kind, 1, day)])
