"""Scoring tables of log lines: by session and by line, causally."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from vedette.errors import BadInput
from vedette.scoring.logs import score_logs

USUAL = ["open file 1", "read 10 bytes", "close file 1"]


def sessions(count: int, odd: dict[int, list[str]]) -> pa.Table:
    """Return sessions of the usual lines, except the odd ones."""
    rows = [(number, line) for number in range(count) for line in odd.get(number, USUAL)]
    return pa.table({"session": [f"s{number}" for number, _ in rows], "line": [line for _, line in rows]})


def alerted(table: pa.Table) -> list[object]:
    scored = score_logs(table)
    return [key for key, alert in zip(scored["session"].to_pylist(), scored["alert"].to_pylist(), strict=True) if alert]


def test_a_session_that_lacks_or_adds_a_line_is_alerted_once_at_its_last_row() -> None:
    table = sessions(400, {300: USUAL[:2], 350: [*USUAL, "checksum error"]})
    scored = score_logs(table)
    rows = np.flatnonzero(scored["alert"].to_numpy())
    assert scored["session"].take(pa.array(rows)).to_pylist() == ["s300", "s350"]
    assert scored["template"].take(pa.array(rows)).to_pylist() == ["read <*> bytes", "checksum error"]
    assert scored.column_names == ["session", "template_id", "template", "score", "alert"]
    assert scored["score"].to_numpy()[rows].min() >= 0.5 > np.delete(scored["score"].to_numpy(), rows).max()


def test_nothing_is_alerted_before_enough_was_learned() -> None:
    assert alerted(sessions(60, {20: ["panic"], 50: USUAL[:1]})) == []


def test_rows_to_learn_from_are_never_alerted_and_what_they_hold_is_usual() -> None:
    table = sessions(400, {100: ["fatal"], 101: ["fatal"], 300: ["fatal"], 301: ["odd"]})
    train = pa.array([int(session[1:]) < 200 for session in table["session"].to_pylist()]).cast(pa.int8())
    assert alerted(table.append_column("train", train)) == ["s301"]


def test_rare_faults_in_a_past_that_nobody_vouched_for_stay_alerts() -> None:
    assert alerted(sessions(600, {150: ["fatal"], 290: ["fatal"], 500: ["fatal"]})) == ["s150", "s290", "s500"]


def test_what_comes_later_changes_no_verdict() -> None:
    table = sessions(400, {300: USUAL[:2]})
    whole, part = score_logs(table), score_logs(table.slice(0, 950))
    for name in ("score", "alert"):
        assert whole[name].to_pylist()[:950] == part[name].to_pylist()


def test_sessions_may_be_interleaved() -> None:
    table = sessions(400, {300: USUAL[:2]})
    order = np.argsort(np.arange(len(table)) + np.tile([0, 30, 60], 400)[: len(table)], kind="stable")
    assert alerted(table.take(pa.array(order))) == ["s300"]


def test_sessions_that_the_end_of_the_table_cuts_short_are_judged_by_what_they_have_only() -> None:
    table = sessions(400, {300: USUAL[:2]})
    order = np.argsort(np.arange(len(table)) + np.tile([0, 30, 60], 400)[: len(table)], kind="stable")
    table = table.take(pa.array(order)).slice(0, 1170)
    lines = table.group_by("session").aggregate([("line", "count")])["line_count"].to_pylist()
    assert sum(count < len(USUAL) for count in lines) > 10
    assert alerted(table) == ["s300"]
    new = pa.table({"session": ["s399"], "line": ["checksum error"]})
    assert alerted(pa.concat_tables([table, new])) == ["s300", "s399"]


def test_by_line_a_new_kind_of_line_is_alerted_once_it_is_a_surprise() -> None:
    lines = [f"tick {number}" for number in range(6000)]
    lines[10], lines[5000], lines[5100] = "early", "disk failure", "disk failure"
    scored = score_logs(pa.table({"ts": list(range(6000)), "line": lines}))
    assert np.flatnonzero(scored["alert"].to_numpy()).tolist() == [5000]
    assert scored["ts"].to_pylist() == list(range(6000))


def test_templates_are_those_at_the_end() -> None:
    names = ["ann", "bob", "cat", "dan", "eve"]
    scored = score_logs(pa.table({"ts": list(range(5)), "line": [f"login of user {name} ok" for name in names]}))
    assert set(scored["template"].to_pylist()) == {"login of user <*> ok"}


def test_rows_without_text_or_session_are_not_judged() -> None:
    scored = score_logs(pa.table({"session": [None, "a"], "line": pa.array(["x", None], pa.string())}))
    assert scored["template_id"].to_pylist() == [1, -1]
    assert scored["template"].to_pylist() == ["x", None]
    assert scored["alert"].to_pylist() == [0, 0]


def test_an_empty_table_gives_an_empty_table() -> None:
    empty = pa.table({"session": pa.array([], pa.string()), "line": pa.array([], pa.string())})
    assert score_logs(empty).num_rows == 0


@pytest.mark.parametrize(
    "table", [pa.table({"line": ["a"]}), pa.table({"ts": [1]}), pa.table({"ts": [1], "line": [[1]]})]
)
def test_tables_that_cannot_be_read_are_refused(table: pa.Table) -> None:
    with pytest.raises(BadInput):
        score_logs(table)
