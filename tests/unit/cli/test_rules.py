"""``vedette rules``: nothing changes without a word, what is refused is named, and the rest runs."""

from __future__ import annotations

import hashlib
import json
import tarfile
import zipfile
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.rules.written import ID, correlation, rule

from vedette.assembly import make_rules
from vedette.cli.rules import rules
from vedette.cli.up import overrides
from vedette.config.load import load as configure
from vedette.errors import BadInput
from vedette.rules.added import keep
from vedette.rules.load import texts_of

GOOD = rule(1, {"one": {"a": "x"}}, author="Ada")
BOMB = "a: &a [x, x]\n" + "".join(f"{two}: &{two} [*{one}, *{one}]\n" for one, two in pairwise("abcdefghijklmnopqrstu"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def written(place: Path, **texts: str) -> Path:
    place.mkdir(exist_ok=True)
    for name, text in texts.items():
        (place / f"{name}.yml").write_text(text)
    return place


def run(*words: str, folder: Path) -> Result:
    return CliRunner().invoke(rules, [*words, "--data", str(folder)])


def in_force(folder: Path) -> set[str]:
    found = make_rules(configure(None, overrides=overrides(folder, None)))
    return {one.head.id for one in (*found.rules, *found.correlations)}


def test_a_look_changes_nothing_and_apply_puts_the_rules_in_force(folder: Path, tmp_path: Path) -> None:
    source = written(tmp_path / "in", a=GOOD)
    looked = run("add", "sigma", str(source), folder=folder)
    assert looked.exit_code == 0
    assert "added: 1" in looked.stdout
    assert not folder.exists()
    assert run("add", "sigma", str(source), "--apply", folder=folder).exit_code == 0
    assert ID.format(1) in in_force(folder)


def test_what_is_added_changed_and_removed_is_told_and_another_folder_is_no_change(
    folder: Path, tmp_path: Path
) -> None:
    same, other = rule(2, {"one": {"a": "y"}}), rule(3, {"one": {"a": "z"}})
    run("add", "sigma", str(written(tmp_path / "old", a=GOOD, b=same, c=other)), "--apply", folder=folder)
    new = written(tmp_path / "new", d=GOOD.replace("a: x", "a: other"), e=same, f=rule(4, {"one": {"a": "w"}}))
    told = json.loads(run("add", "sigma", str(new), "--json", folder=folder).stdout)
    assert [[one["id"] for one in told[word]] for word in ("added", "changed", "removed")] == [
        [ID.format(4)],
        [ID.format(1)],
        [ID.format(3)],
    ]


def test_a_digest_must_be_that_of_the_file(folder: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "in", a=GOOD) / "a.yml"
    right, listed = hashlib.sha256(path.read_bytes()).hexdigest(), tmp_path / "sums"
    listed.write_text(f"{'0' * 64}  b.yml\n{right} *a.yml\n")
    for said in (right, right.upper(), str(listed)):
        assert run("add", "sigma", str(path), "--sha256", said, folder=folder).exit_code == 0
    for said, cause in (("0" * 64, right), ("abc", "64 hexadecimal digits"), (str(path), "no SHA-256 of a.yml")):
        refused = run("add", "sigma", str(path), "--sha256", said, "--apply", folder=folder)
        assert isinstance(refused.exception, BadInput)
        assert cause in str(refused.exception)
    assert not folder.exists()


def test_names_in_an_archive_are_never_paths(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("../../out.yml")
        info.size = len(GOOD.encode())
        archive.addfile(info, BytesIO(GOOD.encode()))
    assert run("add", "sigma", str(path), "--apply", folder=folder).exit_code == 0
    assert [one.name for one in tmp_path.rglob("*.yml")] == []
    assert ID.format(1) in in_force(folder)


def test_a_zip_bomb_is_refused_and_the_old_set_stays(folder: Path, tmp_path: Path) -> None:
    run("add", "sigma", str(written(tmp_path / "in", a=GOOD)), "--apply", folder=folder)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.txt", bytes(64 << 20))
    refused = run("add", "sigma", str(bomb), "--apply", folder=folder)
    assert "bytes unpacked" in str(refused.exception)
    assert ID.format(1) in in_force(folder)


@pytest.mark.parametrize(
    ("bad", "line", "cause"),
    [
        ("title: x\ndetection: [", 2, "not YAML"),
        (rule(2, {"one": {"a|sounds": "x"}}), None, "sounds"),
        (rule(2, {"one": {"a|re": "(?:a{1000}){1000}"}}), None, "repetition"),
        (BOMB, None, "alias"),
        (correlation(2, "temporal", [ID.format(9)]), None, ID.format(9)),
    ],
    ids=["syntax", "modifier", "regex", "yaml bomb", "missing rule"],
)
def test_a_bad_rule_is_named_with_file_line_and_cause_and_the_others_run(
    bad: str, line: int | None, cause: str, folder: Path, tmp_path: Path
) -> None:
    source = written(tmp_path / "in", good=GOOD, bad=bad, many=rule(5, {"one": {"a": [str(n) for n in range(4000)]}}))
    told = json.loads(run("add", "sigma", str(source), "--apply", "--json", folder=folder).stdout)
    (problem,) = told["left_out"]
    file, place, rest = problem.split(":", 2)
    assert file == "bad.yml"
    assert int(place.split()[0]) >= (line or 1)
    assert cause in place + rest
    assert {ID.format(1), ID.format(5)} <= in_force(folder)


def test_a_set_without_one_usable_rule_replaces_nothing(folder: Path, tmp_path: Path) -> None:
    run("add", "sigma", str(written(tmp_path / "in", a=GOOD)), "--apply", folder=folder)
    refused = run("add", "sigma", str(written(tmp_path / "bad", a="title: [")), "--apply", folder=folder)
    assert "a.yml:" in str(refused.exception)
    assert ID.format(1) in in_force(folder)


def test_sets_are_listed_rules_shown_with_their_author_and_sets_removed(folder: Path, tmp_path: Path) -> None:
    run("add", "sigma", str(written(tmp_path / "in", a=GOOD)), "--name", "mine", "--apply", folder=folder)
    listed = json.loads(run("list", "--json", folder=folder).stdout)["items"]
    assert [(one["set"], one["rules"]) for one in listed if one["from"] == "added"] == [("mine", 1)]
    assert json.loads(run("show", "RULE 1", "--json", folder=folder).stdout)["author"] == "Ada"
    assert run("remove", "mine", folder=folder).exit_code == 0
    assert ID.format(1) not in in_force(folder)
    assert "none was added" in str(run("remove", "mine", folder=folder).exception)


@pytest.mark.parametrize("name", ["../x", "", "A", "x" * 41])
def test_a_name_that_could_be_a_path_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="bad_set_name"):
        keep(tmp_path, name, texts_of([written(tmp_path / "in", a=GOOD)]))
