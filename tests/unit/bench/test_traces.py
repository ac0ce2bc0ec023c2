from pathlib import Path

import numpy as np
import polars as pl
from bench import petshop, traces

SCORED = pl.DataFrame(
    {
        "t": [0.0, 60.0, 60.0, 120.0, 600.0],
        "service": ["web", "web", "cart", "cart", "web"],
        "root_score": [0.9, 0.2, 0.5, 0.4, 0.9],
        "alert": [1, 0, 0, 1, 0],
    }
)


def test_services_rank_by_their_sum_over_the_windows_that_start_after_the_fault() -> None:
    assert traces.ranking(SCORED, 30.0) == ["cart", "web"]
    assert traces.ranking(SCORED, 0.0) == ["web", "cart"]


def test_a_fault_without_spans_has_no_rank_and_one_whose_service_has_none_the_worst() -> None:
    faults = pl.DataFrame({"t": [30.0, 30.0, 9000.0], "service": ["web", "stock", "web"]})
    assert traces.ranks_of(SCORED, faults) == [2, 99, 0]


def test_a_line_of_error_marks_the_innermost_span_around_it(tmp_path: Path) -> None:
    lines = {"t_us": [1_500_000, 1_500_000], "pod": ["web-1a-abcde"] * 2, "trace": [1, 1]}
    logs = pl.DataFrame({**lines, "message": ["12:00:00.1 ERROR broken", "12:00:00.1 INFO an ERROR was met"]})
    logs.write_parquet(tmp_path / "nezha_x_logs.parquet")
    spans = pl.DataFrame(
        {"trace_id": [1, 1, 2], "service": ["web"] * 3, "t": [0.0, 1.0, 1.2], "duration_ms": [5e3] * 3}
    )
    assert traces.with_status(spans, tmp_path, "x")["status"].to_list() == [None, "error", None]


def test_the_peer_ranks_the_service_that_is_slower_than_in_its_other_minutes() -> None:
    minutes = np.repeat(np.arange(10.0), 2) * 60.0
    spans = pl.DataFrame({"t": minutes, "service": ["web", "cart"] * 10, "duration_ms": [5.0, 9.0] * 10})
    slow = spans.with_columns(
        duration_ms=pl.when((pl.col("t") == 540.0) & (pl.col("service") == "cart")).then(90.0).otherwise("duration_ms")
    )
    assert traces.ranking(traces.deviations(slow), 540.0)[0] == "cart"


def test_the_origin_explains_its_callers() -> None:
    found = petshop.explained(
        {"web": 9.0, "cart": 9.0, "stock": 8.0, "users": 1.0}, [["web", "cart"], ["cart", "stock"]]
    )
    assert max(found, key=lambda service: found[service]) == "stock"
