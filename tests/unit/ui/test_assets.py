"""The built page as bytes."""

from __future__ import annotations

import gzip
from importlib.resources import files
from pathlib import Path

import pytest

from vedette.ui import assets
from vedette.ui.assets import Asset, built_page


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("assets/index-1.js", "text/javascript; charset=utf-8"),
        ("assets/index-1.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("licenses.txt", "text/plain; charset=utf-8"),
        ("picture.png", "image/png"),
        ("mystery", "application/octet-stream"),
    ],
)
def test_types_do_not_depend_on_the_machine(path: str, media_type: str) -> None:
    assert Asset(path, b"").media_type == media_type


def test_only_hashed_names_are_fixed() -> None:
    assert Asset("assets/index-abc.js", b"").is_fixed
    assert not Asset("index.html", b"").is_fixed


def test_the_tag_changes_with_the_content() -> None:
    assert Asset("a", b"1").etag == Asset("b", b"1").etag
    assert Asset("a", b"1").etag != Asset("a", b"2").etag


def test_compression_is_reproducible_and_lossless() -> None:
    body = b"vedette " * 1000
    one, other = Asset("a", body), Asset("a", body)
    assert one.gzipped == other.gzipped
    assert gzip.decompress(one.gzipped) == body


def test_a_page_is_read_with_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<p>")
    (static / "assets/a.js").write_text("1")
    monkeypatch.setattr(assets, "files", lambda _: tmp_path)
    assert {path: asset.body for path, asset in built_page().items()} == {"index.html": b"<p>", "assets/a.js": b"1"}


def test_without_an_index_there_is_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static/left.js").write_text("1")
    monkeypatch.setattr(assets, "files", lambda _: tmp_path)
    assert built_page() == {}


def test_it_looks_beside_its_own_module() -> None:
    assert (files("vedette.ui") / "page.py").is_file()
