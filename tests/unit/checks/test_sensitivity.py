"""What is said to be noticed is noticed, a smaller budget notices less, and the map says the same as the table."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from tests.scenario.story import END, protected, shard

from vedette.checks.heat import NEVER, heat, told
from vedette.checks.sensitivity import Change, Noticed
from vedette.cli.sensitivity import sensitivity
from vedette.config.load import load
from vedette.engine.product import Product
from vedette.errors import BadInput
from vedette.journal.log import Chunk
from vedette.records.incident import Phase
from vedette.records.observation import Direction, Quantity, Series
from vedette.records.segment import Segment
from vedette.simulate.dataset import shop_visits, surge


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120.0
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("learned")
    running = Product(load(None, overrides={"data.folder": str(path), "store.retention": "36500d"}, environ={}))
    running.start()
    for batch in protected(shop_visits(1.3, 1.0, 7, END)):
        running.journal.append(0, [batch])
    until(lambda: running.recovered and running.backlog() == 0)
    running.close()
    return path


def run(folder: Path, *words: str, **environment: str) -> Result:
    return CliRunner().invoke(sensitivity, ["--data", str(folder), *words], env=environment, standalone_mode=False)


Rows = dict[tuple[str, str], dict[str, object]]


def rows(folder: Path, **environment: str) -> Rows:
    done = run(folder, "--json", **environment)
    assert done.exception is None, done.exception
    return {(row["segment"], row["feature"]): row for row in json.loads(done.stdout)["series"]}


@pytest.fixture(scope="module")
def usual(folder: Path) -> Rows:
    """What is told by default; it takes some ten seconds."""
    return rows(folder)


def test_it_is_told_the_same_twice_and_nothing_is_changed(folder: Path, usual: Rows) -> None:
    before = sorted(path.name for path in (folder / "state").iterdir())
    assert usual == rows(folder)
    assert ("demo/shop", "requests") in usual
    assert sorted(path.name for path in (folder / "state").iterdir()) == before


def test_a_change_that_is_said_to_be_noticed_is_noticed_by_the_product(usual: Rows) -> None:
    rise = usual["demo/shop", "requests"]["rise"]
    assert isinstance(rise, dict)
    model, found = shard(), set[str]()
    for number, batch in enumerate(
        protected(surge(shop_visits(1.3, 1.0, 7, END), 1.0, rise["by"], 57, END - 900, END))
    ):
        for incident in model.step(Chunk(number, None, (batch,))).incidents:
            if incident.phase is Phase.FIRING:
                found |= {part.feature for part in incident.explanation.contributions}
    assert "requests" in found


def test_who_bears_less_noise_is_told_less(folder: Path, usual: Rows) -> None:
    strict = rows(folder, VEDETTE_DECISION_BUDGET_PER_DAY="0.000001")
    pairs = [(row["rise"], strict[key]["rise"]) for key, row in usual.items()]
    assert all(less is None or (more is not None and more["by"] <= less["by"]) for more, less in pairs)  # type: ignore[index]
    assert any(more != less for more, less in pairs)


def test_the_map_and_the_table_have_every_series(folder: Path, usual: Rows, tmp_path: Path) -> None:
    picture = tmp_path / "map.svg"
    done = run(folder, "--svg", str(picture))
    assert done.exception is None
    count = len(usual)
    assert len(done.stdout.splitlines()) == count + 1
    boxes = ElementTree.parse(picture).getroot().findall("{http://www.w3.org/2000/svg}rect")
    assert len(boxes) == count + 1


def test_a_folder_without_state_is_named(tmp_path: Path) -> None:
    done = run(tmp_path / "none")
    assert isinstance(done.exception, BadInput)
    assert "none" in str(done.exception)


def test_changes_are_of_sides_that_matter() -> None:
    latency = Series(Segment("", "shop", ""), "latency_p95_seconds", Quantity.DURATION, Direction.UP, 0.3)
    share = Series(Segment("", "shop", ""), "error_ratio", Quantity.RATIO, Direction.UP, 0.5)
    assert Change(2.0, True, False).concerns(latency)
    assert not Change(0.5, False, False).concerns(latency)
    assert not Change(2.0, True, False).concerns(share)
    assert Change(0.05, True, True).concerns(share)
    assert told(Noticed(share, (0.05, 70.0), None, (True, False))) == "+5 %"
    assert told(Noticed(latency, None, None, (True, False))) == "never"
    assert told(Noticed(latency, None, None, (True, False)), up=False) == "-"
    assert NEVER in heat([Noticed(latency, None, None, (True, False))])
