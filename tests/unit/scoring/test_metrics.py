from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from vedette.errors import BadInput
from vedette.scoring.metrics import intervals, score_metrics

START = 1_767_571_200
ADDED = {"score", "p_value", "expected", "lower", "upper", "state", "alert", "drift"}


def rhythm(days: int, width: int = 300, seed: int = 1) -> np.ndarray:
    count = days * 86_400 // width
    day = np.arange(count) * width / 86_400
    return 100 + 30 * np.sin(2 * np.pi * day) + np.random.default_rng(seed).normal(0, 2, count)


def table(values: np.ndarray, name: str = "a", width: int = 300) -> pa.Table:
    times = START + np.arange(len(values)) * width
    return pa.table({"series": [name] * len(values), "t": times, "value": values})


def column(scored: pa.Table, name: str) -> np.ndarray:
    return scored[name].to_numpy()


@pytest.fixture(scope="module")
def spiked() -> pa.Table:
    values = rhythm(6)
    values[1300:1306] += 60
    return table(values)


def test_a_spike_stands_out_and_alerts_once(spiked: pa.Table) -> None:
    scored = score_metrics(spiked)
    score, alert = column(scored, "score"), column(scored, "alert")
    assert int(np.argmax(score)) in range(1300, 1306)
    alerts = np.flatnonzero(alert)
    assert len(alerts) == 1
    assert alerts[0] in (1300, 1301)
    assert column(scored, "p_value")[1300] < 1e-4


def test_output_has_the_promised_columns_and_ranges(spiked: pa.Table) -> None:
    scored = score_metrics(spiked.append_column("host", pa.array(["h"] * len(spiked))))
    assert set(scored.column_names) == {"series", "t", "host"} | ADDED
    score, p_value = column(scored, "score"), column(scored, "p_value")
    assert score.min() >= 0
    assert score.max() < 1
    assert p_value.min() > 0
    assert p_value.max() <= 1
    assert set(scored["state"].to_pylist()) == {"learning", "ready"}
    learning = np.array(scored["state"].to_pylist()) == "learning"
    assert learning[: 86_400 // 300].all()
    assert scored["expected"].null_count == learning.sum()
    assert not column(scored, "alert")[learning].any()


def test_a_row_depends_on_earlier_rows_only(spiked: pa.Table) -> None:
    whole = score_metrics(spiked)
    for cut in (1, 2, 500, 1301):
        part = score_metrics(spiked.slice(0, cut))
        assert part.equals(whole.slice(0, cut))


def test_series_do_not_touch_each_other() -> None:
    one, other = table(rhythm(3), "a"), table(rhythm(3, seed=2) * 50, "b")
    both = score_metrics(pa.concat_tables([one, other]))
    assert both.slice(0, len(one)).equals(score_metrics(one))
    assert both.slice(len(one)).equals(score_metrics(other))


def test_rows_come_back_in_their_own_order(spiked: pa.Table) -> None:
    order = np.random.default_rng(3).permutation(len(spiked))
    shuffled = score_metrics(spiked.take(pa.array(order)))
    assert shuffled.equals(score_metrics(spiked).take(pa.array(order)))


def test_timestamps_mean_what_epoch_seconds_mean(spiked: pa.Table) -> None:
    seconds = spiked["t"].to_pylist()
    times = pa.array([datetime.fromtimestamp(t, UTC) for t in seconds], pa.timestamp("ms", tz="UTC"))
    stamped = score_metrics(spiked.set_column(1, "t", times))
    plain = score_metrics(spiked)
    assert stamped.drop_columns("t").equals(plain.drop_columns("t"))


def test_a_lasting_change_is_announced() -> None:
    values = rhythm(15)
    values[288 * 11 :] += 80
    drift = np.flatnonzero(column(score_metrics(table(values)), "drift"))
    assert len(drift) >= 1
    assert 288 * 11 < drift[0] <= 288 * 13


def test_a_constant_has_no_score() -> None:
    scored = score_metrics(table(np.full(2000, 45.0)))
    assert column(scored, "score").max() < 0.01
    assert column(scored, "alert").sum() == 0


def test_missing_values_are_not_judged(spiked: pa.Table) -> None:
    values = spiked["value"].to_pylist()
    values[700] = None
    values[701] = float("nan")
    scored = score_metrics(spiked.set_column(2, "value", pa.array(values, pa.float64())))
    assert column(scored, "score")[700:702].tolist() == [0.0, 0.0]
    assert column(scored, "score")[1300] > 0.5


def test_no_rows_is_no_error() -> None:
    scored = score_metrics(table(np.zeros(0)))
    assert len(scored) == 0
    assert set(scored.column_names) >= ADDED


@pytest.mark.parametrize("name", ["series", "t", "value"])
def test_a_missing_column_is_named(spiked: pa.Table, name: str) -> None:
    with pytest.raises(BadInput, match=f"missing_column: {name}; got"):
        score_metrics(spiked.drop_columns(name))


def test_text_for_numbers_is_refused(spiked: pa.Table) -> None:
    words = pa.array(["high"] * len(spiked))
    with pytest.raises(BadInput, match="bad_type"):
        score_metrics(spiked.set_column(2, "value", words))


def test_a_row_without_its_key_is_refused(spiked: pa.Table) -> None:
    nameless = pa.array([None] + ["a"] * (len(spiked) - 1))
    with pytest.raises(BadInput, match="null_key"):
        score_metrics(spiked.set_column(0, "series", nameless))


def test_the_interval_is_the_median_of_the_gaps_so_far() -> None:
    times = np.cumsum([0, 10, 10, 10, 0, 0, 500, 10, 10]).astype(float)
    assert intervals(times).tolist() == [60.0] + [10.0] * 8
    assert intervals(np.zeros(3)).tolist() == [60.0] * 3
    assert intervals(np.zeros(0)).tolist() == []
