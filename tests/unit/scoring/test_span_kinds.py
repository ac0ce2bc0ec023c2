from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from tests.unit.scoring.chain import BEGIN, Shop

from vedette.errors import BadInput
from vedette.features.calls import Spans, calls
from vedette.scoring.span_kinds import are_heard, spoken
from vedette.scoring.spans import score_spans

FAULT, MINUTES = 20, 23
Say = Callable[[str, str, int], list[str]]


def usual(service: str, name: str, number: int) -> list[str]:
    return [f"{service} took order {number}", f"looked up customer {number % 7}", "done"] if name == "serve" else []


def wrong(service: str, name: str, number: int) -> list[str]:
    lines = usual(service, name, number)
    return [*lines[:-1], "no such customer"] if lines and service == "stock" else lines


def short(service: str, name: str, number: int) -> list[str]:
    return usual(service, name, number)[: 1 if service == "stock" else 9]


def mute(service: str, name: str, number: int) -> list[str]:
    return [] if service == "stock" else usual(service, name, number)


def spans(say: Say = usual) -> pa.Table:
    """Return ordinary spans, whose lines are as `say` has them from the fault on."""
    plain = Shop().run(MINUTES)
    columns = (plain[name].to_pylist() for name in ("t", "service", "name"))
    lines = [
        (say if t >= BEGIN + 60.0 * FAULT else usual)(service, name, number)
        for number, (t, service, name) in enumerate(zip(*columns, strict=True))
    ]
    return plain.append_column("lines", pa.array(lines, pa.list_(pa.string())))


def scored(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(score_spans(table))
    assert isinstance(frame, pl.DataFrame)
    return frame


@pytest.mark.parametrize("say", [wrong, short])
def test_a_service_that_writes_other_lines_or_fewer_is_the_root(say: Say) -> None:
    verdicts = scored(spans(say)).filter(pl.col("t") >= BEGIN + 60.0 * FAULT)
    totals = verdicts.group_by("service").agg(pl.col("root_score").sum()).sort("root_score")
    assert totals["service"][-1] == "stock"
    assert totals["root_score"][-1] > 1.5
    assert verdicts.filter(pl.col("service") == "stock")["what"][0] == "serve: unusual log lines"


@pytest.mark.parametrize("say", [usual, mute])
def test_ordinary_lines_and_lines_that_get_lost_make_nobody_a_suspect(say: Say) -> None:
    verdicts = scored(spans(say))
    assert verdicts["root_score"].max() < 0.5
    assert verdicts["alert"].sum() == 0


def test_lines_may_be_one_text() -> None:
    lists = spans(wrong)
    texts = pa.array(["\n".join(lines) or None for lines in lists["lines"].to_pylist()])
    assert scored(lists).equals(scored(lists.drop_columns(["lines"]).append_column("lines", texts)))


def test_a_verdict_depends_on_no_line_of_a_later_window() -> None:
    whole, end = spans(wrong), BEGIN + 60.0 * 21
    ends = whole["t"].to_numpy() + whole["duration_ms"].to_numpy() / 1e3
    before = score_spans(whole.filter(pa.array(ends < end)))
    assert before.equals(score_spans(whole).slice(0, before.num_rows))


def test_lines_of_another_type_are_refused() -> None:
    with pytest.raises(BadInput, match="lines: expected lists of texts, got int64"):
        score_spans(spans().set_column(8, "lines", pa.array(range(spans().num_rows))))


def test_lines_of_a_visit_are_gathered_wherever_in_it_they_were_written() -> None:
    ints, service = np.zeros(4, np.int64), np.array([0, 0, 1, 1])
    found = calls(Spans(np.array([-1, 0, 1, 2]), service, ints, np.zeros(4), np.ones(4), ints > 0), 60.0)
    table = pa.table({"lines": [["take 1"], ["done"], ["done", "take 2"], []]})
    first, inner, second, _ = spoken(table, np.arange(4), found, service).tolist()
    assert first == second != 0 == inner
    assert spoken(table.drop_columns(["lines"]), np.arange(4), found, service) is None


def test_only_visits_to_services_that_wrote_lines_are_heard() -> None:
    ints = np.zeros(3, np.int64)
    found = calls(Spans(np.array([-1, 0, 0]), np.array([0, 0, 1]), ints, np.zeros(3), np.ones(3), ints > 0), 60.0)
    said = np.array([5, 0, 0], np.uint64)
    assert are_heard(found, np.array([0, 0, 1]), said).tolist() == [True, False, False]
