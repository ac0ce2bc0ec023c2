"""The floors: what slipped is told, and the part that needs no data is held to."""

from pathlib import Path

import pytest
from bench import floors
from bench.floors import Floor

HIGH = Floor("a", "b.c", "more is better", 0.8, 0.75, 0.85, 0.95)
LOW = Floor("a", "d", "less is better", 2.0, 2.5, 3.0, 1.0)


@pytest.mark.parametrize(
    ("floor", "value", "state"),
    [
        (HIGH, 0.96, "aim"),
        (HIGH, 0.85, "floor"),
        (HIGH, 0.8, "below"),
        (HIGH, 0.74, "slipped"),
        (HIGH, float("nan"), "slipped"),
        (LOW, 0.9, "aim"),
        (LOW, 2.4, "floor"),
        (LOW, 2.6, "slipped"),
    ],
)
def test_a_value_has_a_state(floor: Floor, value: float, state: str) -> None:
    assert floors.state(floor, value) == state


def test_what_slipped_is_named() -> None:
    told = floors.check([HIGH, LOW], {"a": {"b": {"c": "7/10"}, "d": 2}})
    assert told["slipped"] == ["more is better"]
    assert told["count"] == {"aim": 0, "floor": 1, "below": 0, "slipped": 1}


def test_the_list_is_sound_and_nothing_that_is_kept_lies_beyond_what_was_reached() -> None:
    listed = floors.load()
    assert len({(one.bench, one.figure) for one in listed}) == len(listed)
    assert all(floors.state(one, one.reached) != "slipped" for one in listed)


@pytest.mark.parametrize("entry", ['bench = "a"\n', 'bench = "a"\nfigur = "b"\n'])
def test_a_bad_entry_is_named(tmp_path: Path, entry: str) -> None:
    (tmp_path / "floors.toml").write_text(f"[[floor]]\n{entry}")
    with pytest.raises(ValueError, match=r"floors.toml: .* missing .* expected"):
        floors.load(tmp_path / "floors.toml")


def test_a_benchmark_without_a_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="no floor is of nothing, expected some of small"):
        floors.run(Path("none"), ["nothing"])


def test_no_figure_of_the_small_simulations_has_slipped() -> None:
    told = floors.run(Path("none"))
    assert told["slipped"] == [], told["figures"]
    assert len(told["figures"]) == 8
    assert "nab" in told["not_measured"]
