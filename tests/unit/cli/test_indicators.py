"""``vedette indicators``: nothing changes without a word, what is refused is named, and the rest is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vedette.assembly import Lists
from vedette.cli.indicators import indicators
from vedette.cli.up import overrides
from vedette.config.load import load
from vedette.errors import BadInput


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(*words: str, folder: Path) -> Result:
    return CliRunner().invoke(indicators, [*words, "--data", str(folder)])


def written(tmp_path: Path, text: str, name: str = "Feodo IPs.csv") -> str:
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_a_look_changes_nothing_and_apply_takes_the_list_in(folder: Path, tmp_path: Path) -> None:
    source = written(tmp_path, "45.9.148.1\n999.1.1.1\n45.9.148.1\n")
    looked = run("add", source, folder=folder)
    assert looked.exit_code == 0
    for said in ("added: 1", "left out: 1", "Feodo IPs.csv:2: ", "repeated: 1", "add --apply"):
        assert said in looked.output
    assert not folder.exists()
    assert run("check", "45.9.148.1", folder=folder).exit_code == 0
    assert "taken in as 'feodo-ips'" in run("add", source, "--apply", folder=folder).output
    checked = run("check", "from 45.9.148.1:80", folder=folder)
    assert checked.exit_code == 1
    assert "address 45.9.148.1 is on the list “feodo-ips”" in checked.output
    assert "no list in force names it" in run("check", "45.9.148.2", folder=folder).output


def test_what_a_newer_list_changes_is_told(folder: Path, tmp_path: Path) -> None:
    run("add", written(tmp_path, "45.9.148.1\n45.9.148.2\n"), "--apply", folder=folder)
    newer = written(tmp_path, "value,severity\n45.9.148.2,high\n45.9.148.3,\n", "new.csv")
    told = json.loads(run("add", newer, "--name", "feodo-ips", "--json", folder=folder).stdout)
    assert [[one["value"] for one in told[word]] for word in ("added", "changed")] == [["45.9.148.3"], ["45.9.148.2"]]
    assert told["removed"] == ["45.9.148.1"]
    assert told["applied"] is False


def test_lists_are_listed_with_what_has_expired_and_removed(folder: Path, tmp_path: Path) -> None:
    text = "value,valid_until\n45.9.148.1,2020-01-01\n45.9.148.2,\n"
    source = written(tmp_path, text)
    run("add", source, "--apply", folder=folder)
    (item,) = json.loads(run("list", "--json", folder=folder).stdout)["items"]
    assert (item["list"], item["indicators"], item["expired"], item["source"]) == ("feodo-ips", 2, 1, source)
    assert "2 indicators, 1 of them expired" in run("list", folder=folder).output
    assert run("remove", "feodo-ips", folder=folder).exit_code == 0
    assert json.loads(run("list", "--json", folder=folder).stdout) == {"items": []}
    refused = run("remove", "feodo-ips", folder=folder)
    assert "got 'feodo-ips', expected one of: none was added" in str(refused.exception)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "nothing in it is looked up"), ("10.0.0.1\n", "reserved_range"), ("type,value\nmutex,x\n", "nothing in it")],
)
def test_a_list_without_one_indicator_is_refused_and_the_old_one_stays(
    folder: Path, tmp_path: Path, text: str, said: str
) -> None:
    run("add", written(tmp_path, "45.9.148.1\n"), "--name", "a", "--apply", folder=folder)
    refused = run("add", written(tmp_path, text), "--name", "a", "--apply", folder=folder)
    assert isinstance(refused.exception, BadInput)
    assert said in str(refused.exception)
    assert run("check", "45.9.148.1", folder=folder).exit_code == 1


def test_an_email_address_is_never_shown(folder: Path, tmp_path: Path) -> None:
    source = written(tmp_path, "eve@bad-site.net\n")
    shown = [run("add", source, *words, folder=folder).output for words in ((), ("--json",), ("--apply",))]
    shown += [run("check", "eve@bad-site.net", *words, folder=folder).output for words in ((), ("--json",))]
    assert all("eve@" not in one and "<email>" in one for one in shown)


def test_a_missing_file_and_a_bad_name_are_refused_in_words(folder: Path, tmp_path: Path) -> None:
    missing = run("add", str(tmp_path / "no.csv"), folder=folder)
    assert "no.csv: No such file" in str(missing.exception)
    bad = run("add", written(tmp_path, "45.9.148.1\n"), "--name", "../x", folder=folder)
    assert "got '../x'" in str(bad.exception)


def test_json_is_stix(folder: Path, tmp_path: Path) -> None:
    thing = {
        "type": "indicator",
        "id": "indicator--1",
        "pattern": "[domain-name:value = 'bad-site.net' OR file:name = 'x']",
        "name": "phish",
    }
    for text in (json.dumps({"type": "bundle", "objects": [thing]}), f" [\n{json.dumps(thing)}]"):
        told = run("add", written(tmp_path, text, "b.json"), folder=folder).output
        assert "domain bad-site.net  medium  phish" in told
        assert "indicator--1: file:name is not looked up" in told


def test_a_collection_that_is_not_there_is_refused_in_words(folder: Path) -> None:
    refused = run("add", "http://127.0.0.1:9/api1/collections/1/", folder=folder)
    assert "unreachable: http://127.0.0.1:9/api1/collections/1/" in str(refused.exception)


def test_a_damaged_list_is_replaced_by_adding_it_again(folder: Path, tmp_path: Path) -> None:
    source = written(tmp_path, "45.9.148.1\n")
    run("add", source, "--name", "a", "--apply", folder=folder)
    (folder / "indicators" / "a.arrow").write_bytes(b"damaged")
    assert "a.arrow" in str(run("check", "45.9.148.1", folder=folder).exception)
    again = run("add", source, "--name", "a", "--apply", folder=folder)
    assert "taken for empty" in again.output
    assert run("check", "45.9.148.1", folder=folder).exit_code == 1


def test_a_server_starts_without_a_damaged_list_and_says_so(folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("add", written(tmp_path, f"{name}.bad-site.net\n"), "--name", name, "--apply", folder=folder)
    config = load(None, overrides=overrides(folder, None))
    (folder / "indicators" / "a.arrow").write_bytes(b"damaged")
    lists = Lists(config)
    assert [one.feed for one in map(lists.index.indicator, range(len(lists.index)))] == ["b"]
    assert "a list of indicators is left out: unreadable_list" in lists.damaged
    with pytest.raises(BadInput):
        lists.read()
    (folder / "indicators" / "a.arrow").unlink()
    before = lists.index
    lists.read()
    assert lists.index is not before
    assert [one.feed for one in map(lists.index.indicator, range(len(lists.index)))] == ["b"]
    assert lists.damaged == ""
    same = lists.index
    lists.read()
    assert lists.index is same
