import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.access import parse

from vedette.decode.access import AccessLog
from vedette.decode.shapes import query_shape
from vedette.records import schema

GOOD = '1.2.3.4 - ann [10/Oct/2000:13:55:36 -0700] "GET /a?b=1 HTTP/1.1" 200 2326 "http://x/" "Mozilla/5.0"'


def rows(*lines: str | bytes) -> list[dict[str, object]]:
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n"
    decoded = AccessLog("web").decode(data, 0)
    return [row for batch in decoded.batches for row in as_rows(batch.columns)]


def as_rows(columns: pa.RecordBatch) -> list[dict[str, object]]:
    place = columns.schema.get_field_index(schema.TIME)
    return columns.set_column(place, schema.TIME, columns.column(schema.TIME).cast(pa.int64())).to_pylist()


def test_a_combined_line_fills_its_columns() -> None:
    (row,) = rows(GOOD)
    assert row[schema.CLIENT] == "1.2.3.4"
    assert row[schema.USER] == "ann"
    assert row[schema.METHOD] == "GET"
    assert (row[schema.PATH], row[schema.QUERY]) == ("/a", "b=1")
    assert (row[schema.STATUS], row[schema.RESPONSE_SIZE]) == (200, 2326)
    assert row[schema.USER_AGENT] == "Mozilla/5.0"
    assert row[schema.TIME] == 971_211_336 * 10**9
    assert row[schema.SERVICE] == "web"
    assert row[schema.BODY_SHAPE] == "b:int:d:1"
    assert row[schema.RAW] == GOOD


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ('::1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 304 -', schema.CLIENT, "::1"),
        ('::1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 304 -', schema.RESPONSE_SIZE, None),
        ('h:80 1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET /v HTTP/1.1" 200 1 "-" "-"', schema.CLIENT, "1.1.1.1"),
        (r'1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET /\"x\" HTTP/1.1" 200 1', schema.PATH, '/"x"'),
        (r'1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET /\x22x HTTP/1.1" 200 1', schema.PATH, '/"x'),
        ('1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET /"x" HTTP/1.1" 200 1', schema.PATH, '/"x"'),
        (r'1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "\x16\x03\x01" 400 226', schema.STATUS, 400),
        ('1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET /old" 200 5', schema.PATH, "/old"),
        ('1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "" 408 -', schema.STATUS, 408),
        ('1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 5 "-" "a" 0.250', schema.DURATION, 0.25),
        ('1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 5 "-" "a" 1500', schema.DURATION, 0.0015),
        ('1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 5 "-" "a"b"', schema.USER_AGENT, 'a"b'),
    ],
)
def test_hostile_and_unusual_lines(line: str, column: str, value: object) -> None:
    (row,) = rows(line)
    assert row.get(column) == value


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        '1.1.1.1 - - [10/Foo/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 5',
        '1.1.1.1 - - [31/Feb/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 5',
        '1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1 200 5',
        '1.1.1.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 many',
        "1.1.1.1 - - [10/Oct/2000:13:55:36",
    ],
)
def test_a_bad_line_costs_only_itself(line: str) -> None:
    decoded = AccessLog("web").decode(f"{GOOD}\n{line}\n\n{GOOD}\n".encode(), 0)
    assert decoded.accepted == 2
    assert [letter.reason for letter in decoded.dead] == ["not_an_access_line"]
    assert decoded.dead[0].sample == line.encode()


def test_invalid_utf8_and_huge_lines_are_dead_letters() -> None:
    huge = GOOD.replace("/a?b=1", "/" + "x" * (2 << 20)).encode()
    decoded = AccessLog("web").decode(b"\n".join([GOOD.encode(), GOOD.encode() + b"\xff", huge]), 0)
    assert decoded.accepted == 1
    assert sorted(letter.reason for letter in decoded.dead) == ["invalid_utf8", "line_too_long"]
    assert all(len(letter.sample) <= 200 for letter in decoded.dead)


token = st.text(st.characters(codec="ascii", exclude_characters=' "\\[]\n\r', min_codepoint=33), min_size=1, max_size=8)
quoted = st.text(st.sampled_from('ab/ "\\?=&x1-'), max_size=12)
line = st.builds(
    '{} - {} [{:02d}/{}/20{:02d}:{:02d}:59:0{} {}{:02d}00] "{}" {} {}{}'.format,
    token,
    token,
    st.integers(0, 32),
    st.sampled_from(["Jan", "Feb", "Dec", "Foo"]),
    st.integers(0, 99),
    st.integers(0, 25),
    st.integers(0, 9),
    st.sampled_from("+-"),
    st.integers(0, 14),
    st.one_of(quoted, st.builds("{} {} HTTP/1.1".format, token, token)),
    st.sampled_from(["200", "404", "-", "99"]),
    st.sampled_from(["0", "17", "-", "x"]),
    st.one_of(st.just(""), st.builds(' "{}" "{}"'.format, quoted, quoted)),
)


@given(line)
def test_reads_as_the_regular_expression_does(text: str) -> None:
    expected = parse(text)
    found = rows(text)
    assert bool(found) == (expected is not None)
    if expected is None:
        return
    (row,) = found
    assert row[schema.TIME] == expected["time"] * 10**9
    assert row.get(schema.STATUS) == expected["status"]
    assert row.get(schema.RESPONSE_SIZE) == expected["size"]
    assert row.get(schema.USER) == expected["user"]


@given(st.lists(line, min_size=1, max_size=8), st.integers(0, 8))
def test_no_split_at_a_line_end_shows(lines: list[str], cut: int) -> None:
    def known(found: list[dict[str, object]]) -> list[dict[str, object]]:
        return [{name: value for name, value in row.items() if value is not None} for row in found]

    assert known(rows(*lines[:cut]) + rows(*lines[cut:])) == known(rows(*lines))


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    decoded = AccessLog("web").decode(data, 0)
    lines = [one for one in data.split(b"\n") if one.strip(b"\r") and one.strip()]
    assert decoded.accepted + len(decoded.dead) <= len(lines) + 1


def test_query_structure_never_holds_values() -> None:
    shape = query_shape("q=' OR 1=1 --&token=hunter2secret&id=7")
    assert shape == "id:int:d:1|q:str:adspx:16|token:str:ad:16"
    assert "hunter2" not in shape
