import re

import numpy as np
import pyarrow as pa
import pytest

from vedette.errors import BadInput
from vedette.scoring.vectors import score_vectors

START = 1_767_571_200
ADDED = {"score", "alert", "state", "contributions"}
FEATURES = ["m00", "m01", "m02", "m03"]


def service(days: float = 6, seed: int = 1) -> np.ndarray:
    rows = int(days * 288)
    rng = np.random.default_rng(seed)
    day = 10 + 5 * np.sin(2 * np.pi * np.arange(rows) / 288)
    load = day * rng.lognormal(0, 0.05, rows)
    return np.column_stack([load, 3 * load + rng.normal(0, 0.2, rows), rng.normal(50, 1, rows), np.full(rows, 7.0)])


def timed(values: np.ndarray, entity: str = "a", width: int = 300) -> pa.Table:
    columns = {name: values[:, place] for place, name in enumerate(FEATURES)}
    return pa.table({"entity": [entity] * len(values), "t": START + width * np.arange(len(values)), **columns})


def crowd(rows: int = 600, odd: int = 6, seed: int = 2) -> pa.Table:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, (rows, 4)) * [1, 10, 100, 0]
    values[:odd, 1] += 90
    return pa.table({name: values[:, place] for place, name in enumerate(FEATURES)})


def column(scored: pa.Table, name: str) -> np.ndarray:
    return scored[name].to_numpy()


def percents(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"(\d+) %", text)]


@pytest.fixture(scope="module")
def broken() -> pa.Table:
    values = service()
    values[1400:1420, 1] *= 0.7
    return timed(values)


def test_a_broken_relation_between_features_stands_out_and_alerts_once(broken: pa.Table) -> None:
    scored = score_vectors(broken)
    score = column(scored, "score")
    assert 1400 <= int(np.argmax(score)) < 1430
    alerts = np.flatnonzero(column(scored, "alert"))
    assert [1400 <= place < 1420 for place in alerts].count(True) == 1
    assert len(alerts) <= 2
    assert "m01" in scored["contributions"][1405].as_py().split(" %")[0]


def test_a_state_that_lasts_stays_odd_for_a_week_and_is_usual_after_three() -> None:
    values = service(days=36)
    values[12 * 288 :, 1] *= 0.6
    days = np.median(column(score_vectors(timed(values)), "score").reshape(36, 288), axis=1)
    assert days[2:12].max() < 0.1
    assert days[12:19].min() > 0.5
    assert days[33:].max() < 0.1


def test_output_has_the_promised_columns_and_ranges(broken: pa.Table) -> None:
    scored = score_vectors(broken.append_column("host", pa.array(["h"] * len(broken))))
    assert set(scored.column_names) == {"entity", "t", "host"} | ADDED
    score, state = column(scored, "score"), np.array(scored["state"].to_pylist())
    assert score.min() >= 0
    assert score.max() <= 1
    assert (state[:288] == "learning").all()
    assert (state[289:] == "ready").all()
    assert not score[state == "learning"].any()


@pytest.mark.parametrize("of", ["broken", "crowd"])
def test_contributions_add_up_to_the_whole(of: str, broken: pa.Table) -> None:
    told = score_vectors(broken if of == "broken" else crowd())["contributions"].to_pylist()
    assert all(sum(percents(text)) == 100 for text in told if text)
    assert sum(text == "" for text in told) <= 300


def test_a_row_depends_on_earlier_rows_only(broken: pa.Table) -> None:
    whole = score_vectors(broken)
    for cut in (1, 2, 300, 1407):
        part, same = score_vectors(broken.slice(0, cut)), whole.slice(0, cut)
        assert part.drop_columns("score").equals(same.drop_columns("score"))
        assert column(part, "score") == pytest.approx(column(same, "score"), abs=1e-9)


def test_entities_do_not_touch_each_other(broken: pa.Table) -> None:
    other = timed(service(3, seed=5) * 20, "b")
    both = score_vectors(pa.concat_tables([broken, other]))
    assert both.slice(0, len(broken)).equals(score_vectors(broken))
    assert both.slice(len(broken)).equals(score_vectors(other))


def test_rows_come_back_in_their_own_order(broken: pa.Table) -> None:
    order = pa.array(np.random.default_rng(3).permutation(len(broken)))
    assert score_vectors(broken.take(order)).equals(score_vectors(broken).take(order))


def test_the_daily_rhythm_is_no_news() -> None:
    score = column(score_vectors(timed(service(8))), "score")
    assert score[288 * 3 :].max() < 0.9
    assert np.median(score[288 * 3 :]) < 0.1


def test_rows_to_learn_from_are_not_judged_and_end_the_learning() -> None:
    values = service(2)
    values[500:510, 2] += 12
    train = np.arange(len(values)) < 200
    scored = score_vectors(timed(values).append_column("train", pa.array(train.astype(np.int8))))
    state = np.array(scored["state"].to_pylist())
    assert (state == np.where(train, "learning", "ready")).all()
    assert 500 <= int(np.argmax(column(scored, "score"))) < 520


def test_without_times_order_does_not_matter() -> None:
    table = crowd()
    order = np.random.default_rng(4).permutation(len(table))
    score, shuffled = column(score_vectors(table), "score"), column(score_vectors(table.take(pa.array(order))), "score")
    assert np.corrcoef(score[order], shuffled)[0, 1] > 0.98


def test_what_lies_apart_from_all_others_stands_out() -> None:
    scored = score_vectors(crowd())
    assert set(np.argsort(-column(scored, "score"))[:8]) >= set(range(6))
    assert column(scored, "alert")[:6].all()
    assert column(scored, "alert")[6:].mean() < 0.02
    assert scored["contributions"][0].as_py().startswith("m01")


def test_one_odd_feature_among_many_is_found() -> None:
    values = np.random.default_rng(6).normal(0, 1, (900, 12))
    values[17, 5] = 12
    scored = score_vectors(pa.table({f"m{place:02d}": column for place, column in enumerate(values.T)}))
    assert int(np.argmax(column(scored, "score"))) == 17
    assert scored["contributions"][17].as_py().startswith("m05")


@pytest.mark.parametrize("times", [True, False])
def test_missing_constant_and_empty_columns_work(times: bool) -> None:
    values = service(3)
    values[10:400, 0] = np.nan
    values[:, 2] = np.nan
    table = timed(values) if times else timed(values).drop_columns(["entity", "t"])
    score = column(score_vectors(table), "score")
    assert np.isfinite(score).all()
    assert score.any()


@pytest.mark.parametrize("times", [True, False])
@pytest.mark.parametrize("rows", [0, 1, 2, 19])
def test_few_rows_are_learning(rows: int, times: bool) -> None:
    table = timed(service(1)[:rows]) if times else timed(service(1)[:rows]).drop_columns(["entity", "t"])
    scored = score_vectors(table)
    assert set(scored["state"].to_pylist()) <= {"learning"}
    assert set(scored.column_names) >= ADDED


def test_a_table_of_constants_has_nothing_odd() -> None:
    table = pa.table({name: np.full(500, 3.0) for name in FEATURES})
    scored = score_vectors(table)
    assert len(set(scored["score"].to_pylist())) == 1
    assert column(scored, "alert").sum() == 0
    assert set(scored["contributions"].to_pylist()) == {""}


def test_a_constant_entity_never_alerts() -> None:
    scored = score_vectors(timed(np.full((2000, 4), 45.0)))
    assert column(scored, "alert").sum() == 0
    assert column(scored, "score").max() < 0.5


def test_numbers_under_other_names_are_features_and_words_are_kept() -> None:
    table = crowd().rename_columns(["a", "b", "c", "d"]).append_column("who", pa.array(["x"] * 600))
    scored = score_vectors(table)
    assert set(scored.column_names) == {"who"} | ADDED
    assert scored["contributions"][0].as_py().startswith("b ")


def test_columns_beside_named_features_are_not_looked_at() -> None:
    table = crowd()
    labelled = table.append_column("label", pa.array(np.arange(600) < 6))
    scored = score_vectors(labelled)
    assert scored.drop_columns("label").equals(score_vectors(table))


def test_a_table_without_features_is_refused() -> None:
    with pytest.raises(BadInput, match="no_features: got entity, t; expected columns m00"):
        score_vectors(pa.table({"entity": ["a"], "t": [1]}))


def test_text_in_a_feature_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"bad_type: m01: expected numbers: .*high"):
        score_vectors(pa.table({"m00": [1.0], "m01": ["high"]}))


def test_an_infinite_number_is_refused_with_its_place() -> None:
    with pytest.raises(BadInput, match="infinite_value: m00: got -inf in row 2, expected a finite number"):
        score_vectors(pa.table({"m00": [1.0, 2.0, float("-inf")]}))


def test_a_row_without_its_time_is_refused() -> None:
    with pytest.raises(BadInput, match="null_key: t"):
        score_vectors(pa.table({"t": [1, None], "m00": [1.0, 2.0]}))
