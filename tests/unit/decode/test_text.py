"""Plain text lines, beside Python's own splitting and reading of times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vedette.decode.text import TextLines
from vedette.records import schema

OBSERVED = 7_000_000_000


def bodies(data: bytes) -> list[str]:
    """Return what the decoder takes for lines."""
    return [
        body
        for batch in TextLines("a").decode(data, OBSERVED).batches
        for body in batch.columns[schema.BODY].to_pylist()
    ]


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b""))))
def test_lines_are_what_python_splits(lines: list[bytes]) -> None:
    data = b"\n".join(lines)
    expected = [line for line in data.decode("utf-8", "replace").split("\n") if line]
    assert bodies(data) == expected
    assert bodies(b"\r\n".join(lines) + b"\r\n") == expected


EARLY, LATE = (
    datetime(1990, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    datetime(2090, 1, 1, tzinfo=UTC).replace(tzinfo=None),
)


@given(st.datetimes(EARLY, LATE), st.sampled_from(["Z", "+02:00", "-05:30"]))
def test_a_leading_time_is_the_lines_own(moment: datetime, zone: str) -> None:
    text = f"{moment.isoformat(timespec='microseconds')}{zone} hello"
    (batch,) = TextLines("a").decode(text.encode(), OBSERVED).batches
    exact = datetime.fromisoformat(text.partition(" ")[0].replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=UTC)
    assert batch.columns[schema.TIME].cast("int64").to_pylist() == [exact // timedelta(microseconds=1) * 1000]


def test_a_line_without_a_time_is_of_now() -> None:
    (batch,) = TextLines("a").decode(b"hello\n", OBSERVED).batches
    assert batch.columns[schema.TIME].cast("int64").to_pylist() == [OBSERVED]


def test_a_line_that_is_too_long_is_a_dead_letter_and_costs_no_other() -> None:
    decoded = TextLines("a").decode(b"one\n" + b"x" * (2 << 20) + b"\ntwo\n", OBSERVED)
    assert [letter.reason for letter in decoded.dead] == ["line_too_long"]
    assert decoded.accepted == 2
