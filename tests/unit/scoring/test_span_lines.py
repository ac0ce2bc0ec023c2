"""Log lines put into the spans in which they were written."""

import numpy as np
import pyarrow as pa
import pytest

from vedette.errors import BadInput
from vedette.scoring.span_lines import with_lines


def spans(*rows: tuple[str | None, str, float, float | None]) -> pa.Table:
    """Return spans given as trace, service, begin and duration in seconds."""
    trace, service, t, duration = zip(*rows, strict=True)
    lasted = pa.array([None if one is None else one * 1e3 for one in duration], pa.float64())
    return pa.table({"trace_id": trace, "service": service, "t": t, "duration_ms": lasted})


def logs(*rows: tuple[str | None, str, float, str]) -> pa.Table:
    trace, service, t, line = zip(*rows, strict=True)
    return pa.table({"trace_id": pa.array(trace, pa.string()), "service": service, "t": t, "line": line})


def test_a_line_belongs_to_the_innermost_span_of_its_trace_and_service() -> None:
    table = spans(("a", "web", 0.0, 10.0), ("a", "web", 2.0, 3.0), ("a", "web", 3.0, 1.0), ("b", "web", 2.0, 3.0))
    lines = logs(
        ("a", "web", 9.0, "late"),
        ("a", "web", 3.5, "deep"),
        ("a", "web", 4.5, "middle"),
        ("a", "web", 1.0, "early"),
        ("b", "web", 3.5, "other trace"),
    )
    assert with_lines(table, lines)["lines"].to_pylist() == [["early", "late"], ["middle"], ["deep"], ["other trace"]]


def test_lines_outside_of_all_spans_or_without_a_trace_are_left_out() -> None:
    table = spans(("a", "web", 1.0, 1.0), ("a", "cart", 5.0, None), (None, "web", 0.0, 9.0))
    lines = logs(
        ("a", "web", 0.5, "before"),
        ("a", "web", 2.5, "after"),
        ("a", "users", 1.5, "of nobody"),
        (None, "web", 1.5, "without a trace"),
        ("a", "cart", 5.0, "at once"),
    )
    assert with_lines(table, lines)["lines"].to_pylist() == [[], ["at once"], []]


def test_of_repeated_spans_the_first_has_the_lines() -> None:
    table = spans(("a", "web", 1.0, 1.0), ("a", "web", 1.0, 1.0))
    assert with_lines(table, logs(("a", "web", 1.5, "once")))["lines"].to_pylist() == [["once"], []]


def test_it_finds_what_a_search_through_all_spans_finds() -> None:
    rng = np.random.default_rng(3)
    table = spans(
        *((str(rng.integers(4)), "web", float(rng.random() * 20), float(rng.random() * 6)) for _ in range(80))
    )
    lines = logs(*((str(rng.integers(5)), "web", float(rng.random() * 22), str(number)) for number in range(200)))
    expected: list[list[str]] = [[] for _ in range(80)]
    for line in sorted(lines.to_pylist(), key=lambda line: line["t"]):
        inside = [
            (span["t"], row)
            for row, span in enumerate(table.to_pylist())
            if span["trace_id"] == line["trace_id"] and span["t"] <= line["t"] <= span["t"] + span["duration_ms"] / 1e3
        ]
        if inside:
            expected[max(inside)[1]].append(line["line"])
    assert with_lines(table, lines)["lines"].to_pylist() == expected


def test_identifiers_may_be_numbers_and_tables_may_be_empty() -> None:
    table = spans(("1", "web", 0.0, 1.0))
    numbered = logs(("1", "web", 0.5, "x")).set_column(0, "trace_id", pa.array([1]))
    assert with_lines(table, numbered)["lines"].to_pylist() == [["x"]]
    assert with_lines(table, numbered.slice(0, 0))["lines"].to_pylist() == [[]]
    assert with_lines(table.slice(0, 0), numbered)["lines"].to_pylist() == []


def test_what_is_missing_or_of_another_type_is_told() -> None:
    table, lines = spans(("a", "web", 0.0, 1.0)), logs(("a", "web", 0.5, "x"))
    with pytest.raises(BadInput, match="missing_column: line; got trace_id, service, t"):
        with_lines(table, lines.drop_columns(["line"]))
    with pytest.raises(BadInput, match="line: expected text"):
        with_lines(table, lines.set_column(3, "line", pa.array([["x"]])))
