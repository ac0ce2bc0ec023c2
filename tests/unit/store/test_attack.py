"""The table of a data folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vedette.errors import ConfigError
from vedette.records.attack import builtin
from vedette.store.attack import FILE, keep, table_of


def test_without_an_import_the_shipped_table_is_in_force(tmp_path: Path) -> None:
    assert table_of(tmp_path) is builtin()


def test_an_imported_table_is_in_force(tmp_path: Path) -> None:
    newer = replace(builtin(), version="20.0")
    assert keep(tmp_path / "new", newer) == tmp_path / "new" / FILE
    assert table_of(tmp_path / "new") == newer


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": "1"}', b"\xff"])
def test_a_spoiled_table_names_its_file_and_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ConfigError, match="import it again, or remove the file") as raised:
        table_of(tmp_path)
    assert str(tmp_path / FILE) in str(raised.value)
