"""The finder of many texts, and the numbering of equal ones, against loops."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import finder as oracle

from vedette.rules.columns import bytes_of, numbered
from vedette.rules.texts import Texts

SMALL = st.text(st.sampled_from("ab.\\-é/"), min_size=1, max_size=11)
VALUES = st.lists(st.text(st.sampled_from("abAB.\\-éÉ/ "), max_size=24), min_size=1, max_size=12)
WANTED = st.lists(st.tuples(SMALL, st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=400)
@given(VALUES, WANTED, st.booleans())
def test_finding_all_texts_at_once_is_looking_for_each_in_turn(
    values: list[str], wanted: list[tuple[str, int, int]], fold: bool
) -> None:
    texts = Texts.of([(text.encode(), place, target) for text, place, target in wanted], fold)
    pairs, wide = texts.find(*bytes_of(pa.array(values)))
    found = [tuple(pair) for pair in pairs.tolist()]
    assert len(found) == len(set(found))
    assert [value for value, _ in found] == sorted(value for value, _ in found)
    assert set(wide.tolist()) == ({row for row, value in enumerate(values) if not value.isascii()} if fold else set())
    expected = {pair for pair in oracle.find(values, wanted, fold) if pair[0] not in set(wide.tolist())}
    assert set(found) == expected


@pytest.mark.parametrize("count", [300, 5000])
def test_thousands_of_texts_are_found_like_one(count: int) -> None:
    rng = np.random.default_rng(5)
    letters = np.array(list("abcdefgh\\. -"))
    wanted = [("".join(rng.choice(letters, rng.integers(1, 14))), int(rng.integers(4)), one) for one in range(count)]
    values = ["".join(rng.choice(letters, 60)) for _ in range(30)] + [text for text, _, _ in wanted[:50]]
    texts = Texts.of([(text.encode(), place, target) for text, place, target in wanted], True)
    pairs, _ = texts.find(*bytes_of(pa.array(values)))
    assert {tuple(pair) for pair in pairs.tolist()} == oracle.find(values, wanted, True)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=30), st.integers(0, 5))
def test_equal_texts_have_one_number_in_order_of_first_occurrence(values: list[str | None], skipped: int) -> None:
    coded = numbered(pa.array(values, pa.string()).slice(skipped))
    kept = values[skipped:]
    order = list(dict.fromkeys(value for value in kept if value is not None))
    assert [coded.text(code) for code in range(coded.size)] == order
    assert [coded.text(code) for code in coded.codes.tolist()] == kept
