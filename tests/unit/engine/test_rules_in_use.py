"""Rules and lists of a server change together or not at all, also while the disk is full, and at a start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.unit.engine.test_product import until
from tests.unit.rules.written import ID, rule

from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.engine.product import Product
from vedette.engine.rules import RulesInUse
from vedette.errors import Backpressure
from vedette.indicators.kept import keep as keep_list
from vedette.indicators.model import Indicator, Kind
from vedette.journal.log import Journal
from vedette.records import schema
from vedette.records.context import RulesInForce
from vedette.rules.added import keep
from vedette.store.database import open_database
from vedette.store.settings import Settings

NEW = rule(7, {"one": {"cs-uri-stem": "/zanzibar"}})
ROW = {"time": "2026-10-10T13:00:00Z", "service": "shop", "path": "/zanzibar", "status": 200}
LISTED = {**ROW, "path": "/", "client.address": "203.0.113.66"}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    (tmp_path / "data").mkdir()
    with Journal(tmp_path / "journal") as found:
        yield found


def in_use(folder: Path, journal: Journal) -> RulesInUse:
    config = load(None, overrides={"data.folder": str(folder / "data")}, environ={})
    return RulesInUse(config, journal, Settings(open_database(f"sqlite:///{folder / 'v.db'}")))


def bring_in(folder: Path) -> None:
    keep(folder / "data", "mine", {"a.yml": NEW})
    address = Indicator(Kind.ADDRESS, "203.0.113.66", "a scanner")
    keep_list(folder / "data", "scanners", [address], {"source": "here", "added_at": "0"})


def marks(rules: RulesInUse, row: dict[str, Any]) -> list[str | None]:
    batch = JsonLines().decode(orjson.dumps(row) + b"\n", 0).batches[0]
    columns = rules.match(batch).columns
    return columns.column(schema.RULES).to_pylist() if schema.RULES in columns.schema.names else []


def said(journal: Journal) -> int:
    chunks = journal.read(0, journal.first(0), journal.next(0))
    return sum(isinstance(notice, RulesInForce) for chunk in chunks for notice in chunk.notices)


def test_a_start_is_journaled_once_for_the_same_rules(journal: Journal, tmp_path: Path) -> None:
    for _ in range(2):
        in_use(tmp_path, journal).announce()
    assert said(journal) == 1


def test_rules_and_lists_come_together(journal: Journal, tmp_path: Path) -> None:
    rules = in_use(tmp_path, journal)
    bring_in(tmp_path)
    assert marks(rules, ROW) == marks(rules, LISTED) == []
    assert rules.reload()["added"] == 1
    assert ID.format(7) in str(marks(rules, ROW))
    assert marks(rules, LISTED) != []
    assert said(journal) == 1


def test_lists_alone_are_no_other_rules(journal: Journal, tmp_path: Path) -> None:
    rules = in_use(tmp_path, journal)
    rules.announce()
    keep_list(
        tmp_path / "data",
        "scanners",
        [Indicator(Kind.ADDRESS, "203.0.113.66", "a scanner")],
        {"source": "here", "added_at": "0"},
    )
    assert rules.reload()["indicators"] == 1
    assert marks(rules, LISTED) != []
    assert said(journal) == 1


def test_what_the_journal_does_not_take_is_in_force_nowhere_and_comes_whole_the_next_time(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = in_use(tmp_path, journal)
    bring_in(tmp_path)

    def full(*args: Any, **more: Any) -> int:
        raise Backpressure("the disk is full", 1.0)

    with monkeypatch.context() as patched:
        patched.setattr(journal, "append", full)
        with pytest.raises(Backpressure, match="disk is full"):
            rules.reload()
    assert marks(rules, ROW) == marks(rules, LISTED) == []
    rules.reload()
    assert ID.format(7) in str(marks(rules, ROW))
    assert marks(rules, LISTED) != []
    assert said(journal) == 1


def test_a_server_that_starts_with_a_full_disk_waits_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = Product(load(None, overrides={"data.folder": str(tmp_path)}, environ={}))

    def full(*args: Any, **more: Any) -> int:
        raise Backpressure("the disk is full", 1.0)

    with monkeypatch.context() as patched:
        patched.setattr(product.journal, "append", full)
        product.start()
        until(lambda: "disk is full" in product.trouble)
        assert not product.recovered
    until(lambda: product.recovered)
    until(lambda: product.trouble == "")
    product.close()
