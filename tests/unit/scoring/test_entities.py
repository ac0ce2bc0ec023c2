import numpy as np
import pyarrow as pa
import pytest

from vedette.detectors.entities import EntityWatch
from vedette.errors import BadInput
from vedette.features.entities import Events, entity_days
from vedette.scoring.entities import score_entities
from vedette.simulate.organization import Insertion, Organization, generate

SMALL = Organization(users=60, accounts=8, servers=30, days=40, seed=3, pace=0.4)


@pytest.fixture(scope="module")
def events() -> pa.Table:
    return generate(SMALL, [Insertion("stolen_account", 7, 30, 2.0, 1)]).events


def test_every_entity_and_active_day_has_one_row(events: pa.Table) -> None:
    scored = score_entities(events)
    pairs = set(zip(scored["entity"].to_pylist(), scored["day"].to_pylist(), strict=True))
    given = {
        (u, t.replace(hour=0, minute=0, second=0, microsecond=0))
        for u, t in zip(events["user.id"].to_pylist(), events["time"].to_pylist(), strict=True)
    }
    assert pairs == given
    assert len(pairs) == scored.num_rows


def test_a_day_depends_on_earlier_days_only(events: pa.Table) -> None:
    whole = score_entities(events)
    part = score_entities(events.slice(0, int(events.num_rows * 0.7)))
    last = part["day"][-1].as_py()
    count = sum(day < last for day in part["day"].to_pylist())
    assert part.slice(0, count).equals(whole.slice(0, count))


def test_the_order_of_rows_does_not_matter(events: pa.Table) -> None:
    some = events.slice(0, 30_000)
    order = np.random.default_rng(1).permutation(some.num_rows)
    one, other = (
        score_entities(table).sort_by([("day", "ascending"), ("entity", "ascending")])
        for table in (some, some.take(pa.array(order)))
    )
    assert np.allclose(one["score"].to_numpy(), other["score"].to_numpy())


def test_two_columns_are_enough(events: pa.Table) -> None:
    short = events.select(["time", "user.id"]).rename_columns(["time", "user"])
    assert score_entities(short).num_rows > 1000


def test_nothing_gives_nothing() -> None:
    assert (
        score_entities(pa.table({"time": pa.array([], pa.float64()), "user": pa.array([], pa.string())})).num_rows == 0
    )


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BadInput, match="user: got time"):
        score_entities(pa.table({"time": [0.0]}))


def test_a_million_new_entities_in_a_minute_are_bounded_and_counted() -> None:
    count = 1_000_000
    blank = np.full(count, np.nan)
    host = {"host": np.full(count, 3, np.uint64)}
    flood = Events(
        np.arange(count) * 6e-5, np.arange(count), host, np.zeros(count), np.zeros(count, np.bool_), blank, blank
    )
    watch = EntityWatch(["entity"] * count, limit=2_000)
    verdicts = watch.take(next(entity_days(flood)))
    assert watch.blind == count - 2_000
    assert (verdicts.state == 3).sum() == count - 2_000
    assert watch.nbytes < 60_000_000
