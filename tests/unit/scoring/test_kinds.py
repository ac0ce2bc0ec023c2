import polars as pl
import pyarrow as pa
import pytest

import vedette
from vedette.cli import score as command
from vedette.errors import BadInput
from vedette.scoring import kinds


def test_the_command_offers_every_kind() -> None:
    assert tuple(command.KINDS) == kinds.KINDS


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_table_without_the_columns_is_refused_by_name(kind: str) -> None:
    with pytest.raises(BadInput, match="got unrelated"):
        kinds.score_table(kind, pa.table({"unrelated": [1]}))


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="got 'dreams', expected one of metrics"):
        kinds.score_table("dreams", pa.table({}))


def test_a_frame_of_polars_comes_back_as_one() -> None:
    scored = vedette.score("metrics", pl.DataFrame({"series": ["a", "a"], "t": [0, 60], "value": [1.0, 2.0]}))
    assert isinstance(scored, pl.DataFrame)
    assert scored["state"].to_list() == ["learning", "learning"]


def test_spans_can_have_their_log_lines_beside_them() -> None:
    numbers = range(400)
    spans = pl.DataFrame(
        {"trace_id": numbers, "span_id": numbers, "t": [6.0 * number for number in numbers]}
    ).with_columns(parent_span_id=None, service=pl.lit("web"), name=pl.lit("serve"), duration_ms=5.0)
    lines = spans.select("trace_id", "service", t=pl.col("t") + 0.001, line=pl.lit("page found"))
    failing = lines.with_columns(line=pl.when(pl.col("trace_id") > 300).then(pl.lit("no page")).otherwise("line"))
    what = ["serve: unusual log lines" in vedette.score("spans", spans, one)["what"] for one in (lines, failing)]
    assert what == [False, True]
    with pytest.raises(BadInput, match="unexpected_lines: lines are for spans, got logs"):
        vedette.score("logs", spans, lines)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(BadInput, match="expected a pyarrow Table"):
        vedette.score("metrics", [1, 2, 3])


def test_the_package_says_what_it_has_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'scream'"):
        vedette.scream  # noqa: B018
