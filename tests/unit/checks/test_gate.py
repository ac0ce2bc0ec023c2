"""The gate: closed for what was made worse, open for the same build again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.unit.checks.runs import write

from vedette.cli.check import check
from vedette.errors import BadInput


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("baseline") / "shop.jsonl", 1)


def gate(run: Path, baseline: Path, *words: str) -> Result:
    return CliRunner().invoke(check, [str(run), "--against", str(baseline), *words])


def changes(run: Path, baseline: Path) -> list[dict[str, Any]]:
    done = gate(run, baseline, "--format", "json")
    found: list[dict[str, Any]] = json.loads(done.stdout)["changes"]
    assert done.exit_code == any(one["level"] == "high" for one in found)
    return found


@pytest.mark.parametrize("seed", range(2, 12))
def test_the_same_build_run_again_passes(tmp_path: Path, baseline: Path, seed: int) -> None:
    assert changes(write(tmp_path / "run.jsonl", seed), baseline) == []


def slow(line: dict[str, Any]) -> None:
    if line["http.route"] == "/checkout":
        line["duration"] *= 1.5


def failing(line: dict[str, Any]) -> None:
    if line["http.route"] == "/search" and line["duration"] * 1e6 % 5 < 1:
        line["level"], line["message"] = "ERROR", "cannot parse the answer of the index"


def reshaped(line: dict[str, Any]) -> None:
    if line["http.route"] == "/search":
        line["vedette.response.shape"] = line["vedette.response.shape"].replace("price:num", "price:str")


def refusing(line: dict[str, Any]) -> None:
    if line["http.route"] == "/cart" and line["duration"] * 1e6 % 10 < 1:
        line["http.response.status_code"] = 503


@pytest.mark.parametrize("seed", [2, 3, 4])
@pytest.mark.parametrize(
    ("change", "kind", "where"),
    [
        (slow, "latency", "shop POST /checkout"),
        (failing, "new-error", "cannot parse the answer of the index"),
        (reshaped, "response-shape", "shop GET /search"),
        (refusing, "error-ratio", "shop POST /cart"),
    ],
)
def test_what_was_made_worse_is_found_and_nothing_else(
    tmp_path: Path, baseline: Path, change: Any, kind: str, where: str, seed: int
) -> None:
    found = changes(write(tmp_path / "run.jsonl", seed, change), baseline)
    high = {(one["kind"], one["where"]) for one in found if one["level"] == "high"}
    assert high == {(kind, where)}


def test_a_folder_with_metrics_is_read_whole(tmp_path: Path) -> None:
    for name, level in (("old", 200.0), ("new", 300.0)):
        (tmp_path / name).mkdir()
        rows = "".join(f"memory,{place},{level + place % 7}\n" for place in range(60))
        (tmp_path / name / "metrics.csv").write_text(f"series,t,value\n{rows}")
        write(tmp_path / name / "shop.jsonl", 5)
    (found,) = changes(tmp_path / "new", tmp_path / "old")
    assert (found["kind"], found["level"], found["where"]) == ("metric-level", "medium", "memory")
    assert gate(tmp_path / "new", tmp_path / "old", "--fail-on", "medium").exit_code == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"a,b\n1,2\n", "expected the columns series, value"),
        ("x.jsonl", b"", "no_telemetry"),
        ("x.bin", bytes(range(256)), "binary_file"),
        ("x.json", b'{"resourceSpans": [', "x.json"),
    ],
)
def test_what_can_not_be_read_is_named(tmp_path: Path, baseline: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = gate(path, baseline)
    assert isinstance(done.exception, BadInput)
    assert said in str(done.exception)
    assert str(path) in str(done.exception)
