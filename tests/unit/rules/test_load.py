import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from tests.unit.rules.written import correlation, rule

from vedette.errors import BadInput
from vedette.rules import load as loading
from vedette.rules.load import load, own_rules

TEXTS = {
    "rules/a.yml": rule(1, {"one": {"a|re": "x+y", "b|contains|all": ["c", "d"]}}),
    "rules/deep/b.yaml": correlation(2, "temporal", ["00000000-0000-4000-8000-000000000001"]),
    "README.md": "not a rule",
}


def folder(place: Path) -> Path:
    for name, text in TEXTS.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


def tarred(place: Path) -> Path:
    path = place / "rules.tar.xz"
    with tarfile.open(path, "w:xz") as archive:
        for name, text in TEXTS.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def zipped(place: Path) -> Path:
    with zipfile.ZipFile(place / "rules.zip", "w") as archive:
        for name, text in TEXTS.items():
            archive.writestr(name, text)
    return place / "rules.zip"


@pytest.mark.parametrize("made", [folder, tarred, zipped])
def test_folders_and_archives_give_the_same_rules(made, tmp_path: Path) -> None:
    rules = load([made(tmp_path)])
    assert [one.head.title for one in (*rules.rules, *rules.correlations)] == ["rule 1", "rule 2"]
    assert rules.problems == ()


def test_a_cache_gives_what_was_parsed_and_a_broken_one_is_made_again(tmp_path: Path, monkeypatch) -> None:
    source, cache = folder(tmp_path / "in"), tmp_path / "cache"
    first = load([source], cache)
    with monkeypatch.context() as patched:
        patched.setattr(loading, "_parsed", None)
        assert load([source], cache) == first
    (place,) = cache.iterdir()
    place.write_bytes(place.read_bytes()[:-9])
    assert load([source], cache) == first


def test_changed_rules_are_not_taken_from_the_cache(tmp_path: Path) -> None:
    source, cache = folder(tmp_path / "in"), tmp_path / "cache"
    load([source], cache)
    (source / "rules/a.yml").write_text(TEXTS["rules/a.yml"].replace("rule 1", "other"))
    assert load([source], cache).rules[0].head.title == "other"


def test_an_archive_that_unpacks_too_far_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(loading, "TOTAL", 100)
    for made in (tarred, zipped):
        with pytest.raises(BadInput, match="more than 100 bytes"):
            load([made(tmp_path)])


def test_what_holds_no_rules_or_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no_rules"):
        load([tmp_path])
    with pytest.raises(BadInput, match="unreadable_rules"):
        load([tmp_path / "missing.yml"])


def test_our_own_rules_have_no_problems() -> None:
    assert own_rules().problems == ()
