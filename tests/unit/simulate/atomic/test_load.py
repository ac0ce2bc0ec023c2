"""Reading Atomic Red Team's YAML: what is broken is named and costs nothing else."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from vedette.errors import BadInput
from vedette.simulate.atomic.load import Atomic, load

EXCERPT = Path(__file__).with_name("atomics.yaml")
GOOD = """
attack_technique: T1082
display_name: System Information Discovery
atomic_tests:
- name: Hostname
  auto_generated_guid: 00000000-0000-4000-8000-000000000001
  supported_platforms: [linux, macos]
  input_arguments:
    where: {description: d, type: path, default: /tmp/x}
    count: {description: d, type: integer, default: 3}
  executor:
    name: sh
    command: "head -n #{count} #{where} #{unknown}\\n"
    cleanup_command: "rm #{where}"
"""


def one(text: str, tmp_path: Path) -> str:
    """Return the only problem of a file that also has a good test."""
    (tmp_path / "T1082.yaml").write_text(GOOD)
    (tmp_path / "T1083.yaml").write_text(text)
    loaded = load(tmp_path)
    assert len(loaded.tests) == 1
    (problem,) = loaded.problems
    assert problem.startswith(str(tmp_path / "T1083.yaml"))
    return problem


def test_all_fields_are_read(tmp_path: Path) -> None:
    path = tmp_path / "T1082.yaml"
    path.write_text(GOOD)
    (test,) = load(path).tests
    assert test == Atomic(
        "T1082",
        "Hostname",
        "00000000-0000-4000-8000-000000000001",
        ("linux", "macos"),
        "sh",
        "head -n #{count} #{where} #{unknown}\n",
        "rm #{where}",
        False,
        {"where": "/tmp/x", "count": "3"},
    )


def test_given_arguments_go_before_defaults_and_unknown_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "T1082.yaml"
    path.write_text(GOOD)
    text = load(path).tests[0].filled({"where": "here"})
    assert (text.command, text.cleanup) == ("head -n 3 here #{unknown}", "rm here")


def test_folders_are_read_below_and_compressed_files_as_well(tmp_path: Path) -> None:
    (tmp_path / "T1082").mkdir()
    (tmp_path / "T1082" / "T1082.yaml").write_text(GOOD)
    (tmp_path / "T1082" / "notes.md").write_text("not a test")
    assert len(load(tmp_path).tests) == 1
    packed = tmp_path / "all.yaml.xz"
    packed.write_bytes(lzma.compress(EXCERPT.read_bytes()))
    assert len(load(packed).tests) == len(load(EXCERPT).tests) >= 16


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("T1082", "x1", "attack_technique: got 'x1', expected an id such as T1059.004"),
        ("name: Hostname", "name: 7", "T1082 test 1: name: got 7, expected text"),
        ("-4000-", "-zzzz-", "auto_generated_guid: got '00000000-0000-zzzz-8000-000000000001', expected a GUID"),
        ("[linux, macos]", "linux", "supported_platforms: got 'linux', expected a list of names"),
        ("name: sh", "names: sh", "test 1: name: got None, expected text"),
        ("executor:", "executors:", "executor: got None, expected a mapping"),
        ("    command:", "    commands:", "command: got None, expected text"),
        ("atomic_tests:", "tests:", "expected a document with a list of tests"),
        ("{description: d, type: path, default: /tmp/x}", "/tmp/x", "expected a mapping of arguments"),
        ("[linux", "[[[", "while parsing a flow node"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_costs_no_other(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert said in one(GOOD.replace(old, new), tmp_path)


def test_an_id_that_came_before_is_a_problem(tmp_path: Path) -> None:
    assert "got 00000000-0000-4000-8000-000000000001 again" in one(GOOD, tmp_path)


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"", b"- 1\n", b"just text", b"a: &a [*a]\n", b"!!python/name:os.system x"]
)
def test_what_holds_no_test_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "T1.yaml"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=str(path)):
        load(path)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected a YAML file or a folder"):
        load(tmp_path / "missing")


def test_a_compressed_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "T1.yaml.xz"
    path.write_bytes(lzma.compress(b"#" * (65 << 20), preset=0))
    with pytest.raises(BadInput, match="got more than"):
        load(path)
