"""`vedette replay --config A --against B` on a real journal."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner
from tests.scenario.story import END, batches

from vedette.cli.replay import replay
from vedette.engine.local import SHARD
from vedette.errors import BadInput
from vedette.journal.log import Journal
from vedette.records.document import from_document
from vedette.records.time import SECOND
from vedette.store.database import open_database
from vedette.store.incidents import Incidents

SETTINGS = '[features]\nwindow = "60s"\nlateness = "5s"\n'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a data folder, whose journal holds an SQL injection, and two configurations."""
    folder = tmp_path_factory.mktemp("against")
    with Journal(folder / "data" / "journal") as journal:
        for batch in batches(0.25, 2.0, "sqli", END - 900.0):
            journal.append(SHARD, [batch])
        journal.append(SHARD, [], tick=(END + 120) * SECOND)
    (folder / "quick.toml").write_text(SETTINGS)
    (folder / "patient.toml").write_text(f'{SETTINGS}[learning]\nready_after = "30d"\n[rules]\nown = false\n')
    return folder


def difference(place: Path, config: str, against: str) -> dict[str, Any]:
    words = [str(place / "data"), "--config", str(place / config), "--against", str(place / against), "--json"]
    result = CliRunner().invoke(replay, words, catch_exceptions=False)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.fixture(scope="module")
def forth(place: Path) -> dict[str, Any]:
    """Return what the ready configuration does against the one that is never ready."""
    return difference(place, "quick.toml", "patient.toml")


def test_each_side_is_what_a_replay_of_its_own_finds(place: Path, forth: dict[str, Any]) -> None:
    found = forth
    words = [str(place / "data"), "--config", str(place / "quick.toml"), "--json"]
    alone = json.loads(CliRunner().invoke(replay, words, catch_exceptions=False).stdout)
    assert alone["incidents"]
    assert found["only_config"] == alone["incidents"]
    assert found["only_against"] == []
    assert found["config"]["incidents"] == len(alone["incidents"])
    assert found["against"]["incidents"] == 0
    assert found["against"]["median_seconds_to_detect"] is None


def test_time_to_detect_lies_within_the_attack(forth: dict[str, Any]) -> None:
    took = forth["config"]["median_seconds_to_detect"]
    assert isinstance(took, float)
    assert 0 < took <= 900 + 120


def test_a_configuration_differs_in_nothing_from_itself(place: Path) -> None:
    found = difference(place, "quick.toml", "quick.toml")
    assert found["config"] == found["against"]
    assert (found["only_config"], found["only_against"]) == ([], [])
    assert str(found["sentence"]).endswith(", as before")


def test_the_other_way_round_words_tell_of_less_and_name_what_is_gone(place: Path, forth: dict[str, Any]) -> None:
    words = [str(place / "data"), "--config", str(place / "patient.toml"), "--against", str(place / "quick.toml")]
    printed = CliRunner().invoke(replay, words, catch_exceptions=False).stdout
    assert printed.count("only with --against:") == len(forth["only_config"])
    number = forth["config"]["incidents"]
    assert printed.splitlines()[-1] == f"you would have been paged 0 times, not {number}"


def test_a_file_is_refused_by_name(place: Path) -> None:
    log = place / "access.log"
    log.write_text("GET /\n")
    with pytest.raises(BadInput, match=r"access\.log is a file; --against wants a data folder"):
        CliRunner().invoke(replay, [str(log), "--against", str(place / "quick.toml")], catch_exceptions=False)


@pytest.fixture(scope="module")
def judged(place: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a copy of the folder in whose database an incident is called real, and that incident."""
    folder = tmp_path_factory.mktemp("judged") / "place"
    copytree(place, folder)
    words = [str(folder / "data"), "--config", str(folder / "quick.toml"), "--json"]
    found = json.loads(CliRunner().invoke(replay, words, catch_exceptions=False).stdout)
    attack = next(one for one in found["incidents"] if one["kind"] == "security")
    incidents = Incidents(open_database(f"sqlite:///{folder / 'data' / 'vedette.db'}"))
    incidents.save([from_document(attack)], [])
    incidents.set_verdict(attack["id"], "real")
    return folder, attack


def test_an_incident_that_people_called_real_is_told_as_kept_and_as_lost(judged: tuple[Path, dict[str, Any]]) -> None:
    folder, attack = judged
    found = difference(folder, "quick.toml", "patient.toml")
    kept, lost = found["config"]["real"], found["against"]["real"]
    assert (kept["incidents"], kept["found"], kept["lost"]) == (1, 1, [])
    assert kept["median_seconds_to_detect"] > 0
    assert (lost["incidents"], lost["found"]) == (1, 0)
    assert lost["lost"] == [{"id": attack["id"], "title": attack["title"]}]


def test_words_name_what_would_be_lost(judged: tuple[Path, dict[str, Any]]) -> None:
    folder, attack = judged
    words = [str(folder / "data"), "--config", str(folder / "patient.toml"), "--against", str(folder / "quick.toml")]
    printed = CliRunner().invoke(replay, words, catch_exceptions=False).stdout
    assert "of 1 real incidents 0 found" in printed
    assert f"lost: {attack['title']} ({attack['id']})" in printed
    assert "of 1 real incidents 1 found" in printed
