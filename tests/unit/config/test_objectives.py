from pathlib import Path

import pytest

from vedette.config.load import load
from vedette.config.objectives import MOST, PERCENT, THRESHOLD, WINDOW
from vedette.config.shown import shown
from vedette.errors import ConfigError
from vedette.records.objective import DAY, Indicator, Objective
from vedette.records.segment import Segment

GOOD = {"name": '"works"', "service": '"shop"', "objective": "99.9"}


def written(*tables: dict[str, str]) -> str:
    return "\n".join(
        line for table in tables for line in ("[[slo]]", *(f"{key} = {value}" for key, value in table.items()))
    )


def read(folder: Path, *tables: dict[str, str]) -> tuple[Objective, ...]:
    path = folder / "vedette.toml"
    path.write_text(written(*tables))
    return load(path, environ={}).slo


def problems(folder: Path, *tables: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        read(folder, *tables)
    return [one.partition("vedette.toml:")[2] for one in refused.value.problems]


def test_without_any_there_are_none() -> None:
    assert load(environ={}).slo == ()


def test_all_that_is_written_is_read(tmp_path: Path) -> None:
    quick = {
        "name": '"quick"', "service": '"shop"', "route": '"POST /checkout"', "environment": '"prod"',
        "indicator": '"latency"', "threshold": '"300ms"', "objective": "95", "window": '"7d"',
    }  # fmt: skip
    assert read(tmp_path, GOOD, quick) == (
        Objective("works", "shop", 99.9),
        Objective("quick", "shop", 95.0, Indicator.LATENCY, "POST /checkout", "prod", 7 * DAY, 0.3),
    )


def test_the_budget_is_what_the_objective_leaves() -> None:
    assert Objective("a", "shop", 99.9).allowed == 0.001
    assert Objective("a", "shop", 99.95).allowed == 0.0005


def test_it_concerns_the_segment_of_its_service_route_and_environment() -> None:
    whole, route = Objective("a", "shop", 99.9), Objective("b", "shop", 99.9, route="GET /", environment="prod")
    assert whole.concerns(Segment("prod", "shop", ""))
    assert whole.concerns(Segment("", "shop", ""))
    assert not whole.concerns(Segment("", "shop", "GET /"))
    assert not whole.concerns(Segment("", "other", ""))
    assert route.concerns(Segment("prod", "shop", "GET /"))
    assert not route.concerns(Segment("test", "shop", "GET /"))


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"objective": "100"}, f"4 slo[0].objective: got 100, expected {PERCENT}"),
        ({"objective": "0.999"}, f"4 slo[0].objective: got 0.999, expected {PERCENT}"),
        ({"objective": '"99.9"'}, f"4 slo[0].objective: got '99.9', expected {PERCENT}"),
        ({"objective": "true"}, f"4 slo[0].objective: got True, expected {PERCENT}"),
        ({"objective": "nan"}, f"4 slo[0].objective: got nan, expected {PERCENT}"),
        ({"window": '"2d"'}, f"5 slo[0].window: got '2d', expected {WINDOW}"),
        ({"window": '"1000d"'}, f"5 slo[0].window: got '1000d', expected {WINDOW}"),
        ({"window": "30"}, f"5 slo[0].window: got 30, expected {WINDOW}"),
        ({"indicator": '"errors"'}, "5 slo[0].indicator: got 'errors', expected one of availability, latency"),
        ({"indicator": '"latency"'}, f"1 slo[0].threshold: got nothing, expected {THRESHOLD}"),
        ({"indicator": '"latency"', "threshold": '"2h"'}, f"6 slo[0].threshold: got '2h', expected {THRESHOLD}"),
        ({"threshold": '"1s"'}, "5 slo[0].threshold: got '1s', expected indicator = \"latency\" beside it"),
        ({"service": '""'}, "3 slo[0].service: got '', expected a text that is not empty"),
        ({"name": '"a: b"'}, "2 slo[0].name: got 'a: b', expected a text of 1 to 80 characters"),
        ({"target": "99"}, "5 slo[0].target: got an unknown option, expected"),
    ],
)
def test_what_is_wrong_is_refused_in_words_with_its_line(tmp_path: Path, change: dict[str, str], wanted: str) -> None:
    (problem,) = problems(tmp_path, {**GOOD, **change})
    assert problem.startswith(wanted)


def test_all_problems_are_told_at_once_and_names_are_unique(tmp_path: Path) -> None:
    assert [one.partition(", expected")[0] for one in problems(tmp_path, {}, GOOD, {**GOOD, "objective": "1"})] == [
        "1 slo[0].name: got nothing",
        "1 slo[0].service: got nothing",
        "1 slo[0].objective: got nothing",
        "9 slo[2].objective: got 1",
        "7 slo[2].name: got 'works'",
    ]


def test_what_is_no_list_or_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vedette.toml"
    path.write_text('slo = "99.9"')
    with pytest.raises(ConfigError, match=r"got '99\.9', allowed at most 200 tables \[\[slo\]\]"):
        load(path, environ={})
    many = [{**GOOD, "name": f'"{number}"'} for number in range(MOST + 1)]
    path.write_text(written(*many))
    with pytest.raises(ConfigError, match="at most 200 tables"):
        load(path, environ={})


def test_objectives_are_shown_as_they_are_in_force(tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text(written(GOOD))
    assert shown(load(tmp_path / "vedette.toml", environ={}), "slo") == [
        {"name": "works", "service": "shop", "indicator": "availability", "window": 2592000.0, "objective": 99.9}
    ]
