import json
import math

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.decode.json_lines import JsonLines
from vedette.records import schema
from vedette.records.batch import Decoded

OBSERVED = 5 * 10**18


def decode(*lines: bytes | str) -> Decoded:
    return JsonLines("svc").decode(
        b"\n".join(line.encode() if isinstance(line, str) else line for line in lines), OBSERVED
    )


def rows(decoded: Decoded) -> list[dict[str, object]]:
    out: list[dict[str, object]] = []
    for batch in decoded.batches:
        place = batch.columns.schema.get_field_index(schema.TIME)
        times = batch.columns.column(schema.TIME).cast(pa.int64())
        out += batch.columns.set_column(place, schema.TIME, times).to_pylist()
    return out


def test_names_of_both_generations_and_of_loggers_fold() -> None:
    (old, new, logger) = rows(
        decode(
            '{"http.method":"GET","http.target":"/a?b=1","http.status_code":200,"net.peer.ip":"1.1.1.1"}',
            '{"http":{"request":{"method":"GET"},"response":{"status_code":200}},"url":{"path":"/a"}}',
            '{"levelname":"INFO","msg":"hi","ts":1700000000.5,"user":"ann","duration_ms":12.5}',
        )
    )
    assert old[schema.METHOD] == new[schema.METHOD] == "GET"
    assert old[schema.PATH] == new[schema.PATH] == "/a"
    assert old[schema.QUERY] == "b=1"
    assert old[schema.STATUS] == new[schema.STATUS] == 200
    assert logger[schema.SEVERITY] == "INFO"
    assert logger[schema.TIME] == 1_700_000_000_500_000_000
    assert logger[schema.DURATION] == pytest.approx(0.0125)
    assert logger[schema.USER] == "ann"


def test_a_session_without_an_id_is_none() -> None:
    named, nested, empty = rows(decode('{"session_id":"7f"}', '{"session":{"id":9}}', '{"session.id":"","msg":"hi"}'))
    assert (named[schema.SESSION], nested[schema.SESSION], empty[schema.SESSION]) == ("7f", "9", None)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ('"2026-01-02T03:04:05Z"', 1_767_323_045_000_000_000),
        ('"2026-01-02T03:04:05.123456789Z"', 1_767_323_045_123_456_789),
        ('"2026-01-02 04:04:05+01:00"', 1_767_323_045_000_000_000),
        ("1767323045", 1_767_323_045_000_000_000),
        ("1767323045123", 1_767_323_045_123_000_000),
        ("1767323045123456", 1_767_323_045_123_456_000),
        ("1767323045123456789", 1_767_323_045_123_456_789),
        ('"2026-02-30T00:00:00Z"', OBSERVED),
        ('"yesterday"', OBSERVED),
        ("true", OBSERVED),
    ],
)
def test_times(text: str, nanoseconds: int) -> None:
    assert rows(decode(f'{{"time":{text}}}'))[0][schema.TIME] == nanoseconds


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", "not_an_object"),
        (b"nope", "invalid_json"),
        (b'{"a":1', "truncated_json"),
        (b'{"a":"\xff"}', "invalid_utf8"),
        (b'{"a":1} x', "invalid_json"),
        (b'{"a":01}', "invalid_json"),
        (b'{"a":1,}', "invalid_json"),
        (b'{"a" 1}', "invalid_json"),
        (b'{"a":tru}', "invalid_json"),
        (b'{"a":"\x01"}', "invalid_json"),
        (b'{"a":"' + b"x" * (2 << 20) + b'"}', "line_too_long"),
    ],
)
def test_a_bad_line_costs_only_itself(line: bytes, reason: str) -> None:
    decoded = decode('{"msg":"one"}', line, '{"msg":"two"}')
    assert [row[schema.BODY] for row in rows(decoded)] == ["one", "two"]
    assert [letter.reason for letter in decoded.dead] == [reason]


def test_escapes_and_odd_types() -> None:
    (row,) = rows(decode(r'{"msg":"a\"b\u00e9\n","status":"404","user_id":7,"service":null,"size":1e3}'))
    assert row[schema.BODY] == 'a"bé\n'
    assert row[schema.STATUS] == 404
    assert row[schema.USER] == "7"
    assert row[schema.SERVICE] == "svc"
    assert row[schema.RESPONSE_SIZE] == 1000


def test_what_does_not_fit_is_null_not_dead() -> None:
    decoded = decode('{"status":99999,"duration":"soon","msg":{"a":1}}')
    assert not decoded.dead
    (row,) = rows(decoded)
    assert row.get(schema.STATUS) is None
    assert row.get(schema.DURATION) is None
    assert json.loads(str(row[schema.BODY])) == {"a": 1}


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)
names = st.sampled_from(["msg", "status", "duration", "user_id", "level", "x", "http"])


@given(st.dictionaries(names, values, max_size=5))
def test_reads_what_orjson_reads(value: dict[str, object]) -> None:
    decoded = decode(orjson.dumps(value))
    assert decoded.accepted == 1
    (row,) = rows(decoded)
    message = value.get("msg")
    if isinstance(message, str):
        assert row[schema.BODY] == message
    duration = value.get("duration")
    if isinstance(duration, float):
        assert math.isclose(float(str(row[schema.DURATION])), duration, rel_tol=0, abs_tol=0)
    status = value.get("status")
    if isinstance(status, int) and not isinstance(status, bool) and abs(status) < 2**15:
        assert row[schema.STATUS] == status


pieces = st.sampled_from(
    [
        b'{"',
        b"msg",
        b'":',
        b'"a"',
        b"1",
        b"-",
        b".5",
        b"0",
        b",",
        b"}",
        b"[",
        b"]",
        b" ",
        b"true",
        b"null",
        b"\\",
        b"e9",
        b"\xc3",
        b'{"a":1}',
    ]
)


@given(st.lists(pieces, max_size=10).map(b"".join))
def test_refuses_what_orjson_refuses(line: bytes) -> None:
    if b"\n" in line or not line.strip():
        return
    try:
        good = isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        good = False
    decoded = decode(line)
    assert (decoded.accepted == 1) == good
    assert (len(decoded.dead) == 1) == (not good)


@given(
    st.lists(st.sampled_from(['{"msg":"a"}', "x", '{"status":5}', "", '{"msg":"\\u0041"}']), max_size=8),
    st.integers(0, 8),
)
def test_no_split_at_a_line_end_shows(lines: list[str], cut: int) -> None:
    def both(decoded: Decoded) -> list[tuple[object, object]]:
        return [(row.get(schema.BODY), row.get(schema.STATUS)) for row in rows(decoded)]

    assert both(decode(*lines[:cut])) + both(decode(*lines[cut:])) == both(decode(*lines))
