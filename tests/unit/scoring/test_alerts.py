import numpy as np
import pyarrow as pa
import pytest

from vedette.errors import BadInput
from vedette.scoring.alerts import score_alerts

START = 1_767_571_200
DAY = 86_400


def usual(days: int = 4, seed: int = 1) -> list[tuple[int, str, str]]:
    """Three alerts that a site has all day."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(START, START + days * DAY, days * 600)).tolist()
    kinds = [("login failed", "mail"), ("bad request", "web"), ("update", "web")]
    return [(time, *kinds[number]) for time, number in zip(times, rng.integers(0, 3, len(times)), strict=True)]


def table(rows: list[tuple[int, str, str]]) -> pa.Table:
    times, names, hosts = zip(*rows, strict=True)
    return pa.table({"time": times, "name": names, "host": hosts, "short": ["x"] * len(rows)})


ATTACK = [(START + 3 * DAY + 60 * step, name, "web") for step, name in enumerate(["scan", "traversal", "shell", "su"])]


def test_usual_alerts_notify_nobody() -> None:
    assert len(score_alerts(table(usual()))) == 0


def test_several_alerts_never_seen_are_one_incident_with_updates() -> None:
    rows = usual() + ATTACK
    told = score_alerts(table(rows))
    assert [rows[row][1] for row in told["row"].to_pylist()] == ["traversal", "shell", "su"]
    assert told["incident"].to_pylist() == [1, 1, 1]
    assert told["is_update"].to_pylist() == [0, 1, 1]
    assert told["severity"].to_pylist() == ["medium", "medium", "high"]


def test_one_odd_alert_is_an_oddity() -> None:
    assert len(score_alerts(table([*usual(), ATTACK[0]]))) == 0


def test_the_first_day_is_learned_in_silence() -> None:
    early = [(time - 3 * DAY + 3600, name, host) for time, name, host in ATTACK]
    assert len(score_alerts(table(usual() + early))) == 0


def test_a_flood_of_a_usual_alert_is_no_news() -> None:
    flood = [(START + 3 * DAY + step, "bad request", "web") for step in range(5000)]
    assert len(score_alerts(table(usual() + flood))) == 0


def test_a_notification_depends_on_what_came_before_only() -> None:
    rows = sorted(usual() + ATTACK)
    whole = score_alerts(table(rows))
    cut = whole["row"].to_pylist()[0] + 1
    assert score_alerts(table(rows[:cut])).equals(whole.slice(0, 1))


def test_the_order_of_rows_does_not_matter_but_their_numbers_stay() -> None:
    rows = usual() + ATTACK
    backwards = score_alerts(table(rows[::-1]))
    assert [rows[::-1][row][1] for row in backwards["row"].to_pylist()] == ["traversal", "shell", "su"]


def test_a_missing_host_is_a_host_and_no_alerts_are_no_error() -> None:
    nameless = table(usual()).set_column(2, "host", pa.nulls(len(usual()), pa.string()))
    assert len(score_alerts(nameless)) == 0
    assert score_alerts(table(usual()).slice(0, 0)).column_names == ["row", "incident", "severity", "is_update"]


def test_a_nameless_alert_is_refused() -> None:
    names = pa.array([None, *table(usual())["name"].to_pylist()[1:]])
    with pytest.raises(BadInput, match="null_key: name"):
        score_alerts(table(usual()).set_column(1, "name", names))
