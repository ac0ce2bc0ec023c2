"""Editions of rules are found again by name, whatever became of the files that they were compiled from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.rules.test_mark import FAILED, mark, rulings
from tests.unit.rules.written import rule

from vedette.errors import BadInput
from vedette.rules.chain import Chain
from vedette.rules.model import Correlation, Head, RuleSet
from vedette.rules.shelf import Edition, Shelf

LOGIN = {"one": {"cs-uri-stem": "/login"}}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "compiled")


def written(place: Path, *texts: str) -> Path:
    place.mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        (place / f"{number}.yml").write_text(text)
    return place


def test_an_edition_is_found_after_its_files_are_gone(shelf: Shelf, tmp_path: Path) -> None:
    source = written(tmp_path / "in", rule(1, LOGIN))
    first = shelf.compile([source])
    (source / "0.yml").write_text(rule(2, LOGIN))
    second = shelf.compile([source])
    assert first.parts != second.parts
    assert shelf.find(first.parts) == first.rules != second.rules


def test_parts_are_joined_in_order(shelf: Shelf, tmp_path: Path) -> None:
    sources = [written(tmp_path / name, rule(number, LOGIN)) for number, name in enumerate("ba")]
    assert [one.head.title for one in shelf.compile(sources).rules.rules] == ["rule 0", "rule 1"]


def test_an_unknown_edition_is_none_and_a_missing_source_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    assert shelf.find(("0" * 32,)) is None
    with pytest.raises(BadInput, match="nowhere"):
        shelf.compile([tmp_path / "nowhere"])


def count(needed: int, number: int = 9) -> Correlation:
    head = Head(f"{number}" * 8, "Many refused log-ins", "high")
    return Correlation(head, "event_count", (FAILED,), 60, ("c-ip",), ("gte", float(needed)))


def edition(name: str, *correlations: Correlation, rules: RuleSet) -> Edition:
    return Edition((name,), replace(rules, correlations=correlations))


@pytest.fixture
def known(shelf: Shelf, tmp_path: Path) -> dict[tuple[str, ...], RuleSet]:
    login = shelf.compile([written(tmp_path / "in", rule(1, LOGIN))]).rules.rules[0]
    rules = RuleSet((replace(login, head=replace(login.head, id=FAILED)),))
    editions = [edition("a", count(3), rules=rules), edition("b", count(3), count(2, 8), rules=rules)]
    return {one.parts: one.rules for one in [*editions, edition("c", count(2), rules=rules)]}


def chain_of(known: dict[tuple[str, ...], RuleSet]) -> Chain:
    return Chain(Edition(("a",), known["a",]), (), known.get)


def test_a_correlation_that_stays_goes_on_counting_and_a_new_one_begins(
    known: dict[tuple[str, ...], RuleSet],
) -> None:
    chain = chain_of(known)
    assert not rulings(chain, mark(FAILED, 1), mark(FAILED, 2))
    chain.adopt(("b",))
    found = rulings(chain, mark(FAILED, 3))
    assert [one.rule for one in found] == ["99999999"]


def test_a_correlation_that_was_changed_begins_anew(known: dict[tuple[str, ...], RuleSet]) -> None:
    chain = chain_of(known)
    assert not rulings(chain, mark(FAILED, 1))
    chain.adopt(("c",))
    assert not rulings(chain, mark(FAILED, 2))
    assert rulings(chain, mark(FAILED, 3))


def test_an_edition_that_is_not_to_be_had_changes_nothing(known: dict[tuple[str, ...], RuleSet]) -> None:
    chain = chain_of(known)
    chain.adopt(("d",))
    assert chain.snapshot()["edition"] == ["a"]
    assert chain.step([mark(FAILED, 1)])


def test_a_restored_chain_has_the_edition_that_was_in_force(known: dict[tuple[str, ...], RuleSet]) -> None:
    chain, other = chain_of(known), chain_of(known)
    chain.adopt(("c",))
    chain.step([mark(FAILED, 1)])
    other.restore(chain.snapshot())
    assert other.snapshot() == chain.snapshot()
    assert rulings(other, mark(FAILED, 2))


def test_without_a_shelf_the_rules_stay_as_they_are(known: dict[tuple[str, ...], RuleSet]) -> None:
    chain = Chain(Edition(("a",), known["a",]))
    chain.adopt(("c",))
    assert chain.snapshot()["edition"] == ["a"]
