from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from tests.unit.scoring.chain import BEGIN, SCHEMA, Shop

from vedette.errors import BadInput
from vedette.scoring import span_walk
from vedette.scoring.spans import score_spans

FAULT = 20
"""Minute from which on the simulated faults hold."""

MINUTES = 23


def scored(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(score_spans(table))
    assert isinstance(frame, pl.DataFrame)
    return frame


def during(**faults: Any) -> pl.DataFrame:
    """Return the verdicts from the fault on."""
    return scored(Shop(FAULT, **faults).run(MINUTES)).filter(pl.col("t") >= BEGIN + 60.0 * FAULT)


def root(verdicts: pl.DataFrame) -> str:
    means = verdicts.group_by("service").agg(pl.col("root_score").sum()).sort("root_score")
    return str(means["service"][-1])


def row(**values: Any) -> dict[str, Any]:
    plain = {"trace_id": "a", "span_id": "1", "parent_span_id": None, "service": "web", "name": "serve"}
    return {**plain, "t": BEGIN, "duration_ms": 5.0, "status": "ok", **values}


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), SCHEMA)


def test_ordinary_traffic_raises_no_alert_and_suspects_nobody() -> None:
    calm = scored(Shop(seed=3).run(40))
    assert calm["alert"].sum() == 0
    assert calm["root_score"].max() < 0.5


def test_every_service_with_spans_has_a_row_in_every_window_in_order_of_time() -> None:
    calm = scored(Shop().run(3))
    assert calm["service"].to_list() == ["web", "cart", "stock", "users"] * 3
    assert calm["t"].unique(maintain_order=True).to_list() == [BEGIN, BEGIN + 60.0, BEGIN + 120.0]


@pytest.mark.parametrize("service", ["web", "cart", "stock", "users"])
def test_the_service_that_works_slowly_is_the_root_wherever_it_stands(service: str) -> None:
    verdicts = during(slow={service: 8.0})
    assert root(verdicts) == service
    assert verdicts.filter(pl.col("alert") == 1)["service"].to_list() == [service]


def test_a_slow_leaf_is_blamed_and_its_callers_which_only_wait_are_not() -> None:
    verdicts = during(slow={"stock": 8.0}).group_by("service").agg(pl.col("score").max(), pl.col("what").first())
    score = dict(zip(verdicts["service"], verdicts["score"], strict=True))
    what = dict(zip(verdicts["service"], verdicts["what"], strict=True))
    assert score["stock"] > 0.6
    assert max(score["web"], score["cart"]) < 0.2
    assert what["stock"].startswith("serve: own time")
    assert what["web"] == ""


@pytest.mark.parametrize("service", ["cart", "stock", "users"])
def test_a_service_that_is_reached_late_is_the_root_ahead_of_the_one_that_calls_it(service: str) -> None:
    assert root(during(delay={service: 0.05})) == service


@pytest.mark.parametrize("service", ["web", "cart", "stock", "users"])
def test_without_spans_around_calls_the_slow_service_is_still_the_root(service: str) -> None:
    spans = pl.from_arrow(Shop(FAULT, slow={service: 8.0}).run(MINUTES))
    assert isinstance(spans, pl.DataFrame)
    around = spans.filter(pl.col("name") != "serve").select(parent_span_id="span_id", above="parent_span_id")
    entries = spans.filter(pl.col("name") == "serve").join(around, on="parent_span_id", how="left")
    table = entries.with_columns(parent_span_id=pl.coalesce("above", "parent_span_id")).to_arrow()
    assert root(scored(table).filter(pl.col("t") >= BEGIN + 60.0 * FAULT)) == service


def test_a_service_that_stops_calling_others_is_the_root() -> None:
    verdicts = during(silent=("cart",))
    assert root(verdicts) == "cart"
    assert "unusual calls" in verdicts.filter(pl.col("service") == "cart")["what"][0]


def test_a_service_that_repeats_its_calls_is_the_root() -> None:
    verdicts = during(chatty={"cart": 5})
    assert root(verdicts) == "cart"
    assert verdicts.filter(pl.col("service") == "cart")["what"][0] == "serve: calls 5.0 × usual"


def test_the_one_that_fails_first_is_the_root_and_not_those_that_pass_the_failure_on() -> None:
    verdicts = during(failing=("stock",))
    assert root(verdicts) == "stock"
    assert verdicts.filter(pl.col("service") == "web")["root_score"].max() < 0.1


def test_a_service_that_does_not_answer_is_told_of_though_it_has_no_spans() -> None:
    verdicts = during(dead=("users",))
    assert root(verdicts) == "users"


def test_nothing_is_alerted_on_before_ten_minutes_but_the_root_is_ranked() -> None:
    early = scored(Shop(4, slow={"stock": 8.0}).run(7)).filter(pl.col("t") >= BEGIN + 240.0)
    assert early["state"].unique().to_list() == ["learning"]
    assert early["alert"].sum() == 0
    assert root(early) == "stock"


def test_a_verdict_depends_on_nothing_that_ended_later() -> None:
    spans = Shop(FAULT, slow={"stock": 8.0}).run(MINUTES)
    end = BEGIN + 60.0 * 21
    ends = spans["t"].to_numpy() + spans["duration_ms"].to_numpy() / 1e3
    before = score_spans(spans.filter(pa.array(ends < end)))
    assert before.equals(score_spans(spans).slice(0, before.num_rows))
    assert before["t"][-1].as_py() == end - 60.0


def test_the_order_of_rows_does_not_matter() -> None:
    spans = Shop(FAULT, slow={"stock": 8.0}).run(MINUTES)
    mixed = spans.take(np.random.default_rng(5).permutation(spans.num_rows))
    numbers = ["score", "root_score"]
    one, other = (scored(each).sort("t", "service") for each in (spans, mixed))
    assert np.allclose(one.select(numbers), other.select(numbers))
    assert one.drop(numbers).equals(other.drop(numbers))


def test_repeated_spans_count_once() -> None:
    spans = Shop(FAULT, failing=("stock",)).run(MINUTES)
    assert scored(pa.concat_tables([spans, spans.slice(100, 2000)])).equals(scored(spans))


def test_spans_to_learn_from_are_not_judged() -> None:
    spans = Shop(FAULT, slow={"stock": 8.0}).run(MINUTES)
    train = pa.array((spans["t"].to_numpy() < BEGIN + 60.0 * FAULT).astype(np.int8))
    verdicts = scored(spans.append_column("train", train))
    assert verdicts["t"].min() == BEGIN + 60.0 * FAULT
    assert root(verdicts) == "stock"


def test_orphans_circles_reused_identifiers_and_odd_durations_are_taken_as_they_are() -> None:
    verdicts = scored(
        table(
            row(parent_span_id="nowhere", duration_ms=None),
            row(span_id="2", parent_span_id="3", duration_ms=float("nan")),
            row(span_id="3", parent_span_id="2", duration_ms=-4.0),
            row(span_id="4", parent_span_id="4", duration_ms=float("inf")),
            row(span_id="1", service="cart"),
            row(trace_id="b", span_id="1", t=BEGIN - 900.0, status=None),
            row(trace_id="c", t=-5.0, service="cart", duration_ms=0.0),
        )
    )
    assert np.isfinite(verdicts.select("score", "root_score").to_numpy()).all()
    assert verdicts["t"].to_list() == [-60.0, BEGIN - 900.0, BEGIN, BEGIN]


def test_identifiers_may_be_numbers_and_times_timestamps() -> None:
    spans = table(row(parent_span_id="-1"), row(span_id="2", parent_span_id="1", t=BEGIN + 0.001, duration_ms=2.0))
    numbers = {name: spans[name].cast(pa.int64()) for name in ("span_id", "parent_span_id")}
    stamps = pa.array([int(value.as_py() * 1e6) for value in spans["t"]], pa.timestamp("us", "UTC"))
    other = spans.drop_columns([*numbers, "t"]).append_column("t", stamps)
    for name, column in numbers.items():
        other = other.append_column(name, column)
    assert scored(other).equals(scored(spans))


def test_what_first_comes_when_all_slots_are_given_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(span_walk, "MOST_SLOTS", 2)
    verdicts = scored(Shop(FAULT, slow={"stock": 8.0}, failing=("stock",)).run(MINUTES))
    assert verdicts["service"].n_unique() == 4
    assert verdicts["alert"].sum() == 0


def test_no_spans_give_no_findings_with_the_same_columns() -> None:
    assert score_spans(table()).schema == score_spans(table(row())).schema


@pytest.mark.parametrize("name", ["trace_id", "parent_span_id", "duration_ms"])
def test_a_missing_column_is_named(name: str) -> None:
    with pytest.raises(BadInput, match=f"missing_column: {name}; got"):
        score_spans(table(row()).drop_columns([name]))


def test_times_that_are_none_and_spans_without_a_name_are_refused() -> None:
    with pytest.raises(BadInput, match="t: got nan, expected finite times"):
        score_spans(table(row(t=float("nan"))))
    with pytest.raises(BadInput, match="span_id: got a null"):
        score_spans(table(row(span_id=None)))
    with pytest.raises(BadInput, match="service: got a null"):
        score_spans(table(row(service=None)))
