"""The bank of parameter profiles."""

from __future__ import annotations

import numpy as np
import pytest

from vedette.detectors.payload import Payload, Values, values_of
from vedette.errors import StateCorrupt
from vedette.state.codec import decode, encode

NAMES = [f"name {chr(97 + place % 26)}{chr(97 + place % 7)}" for place in range(400)]


def plain(texts: list[str], *, trusted: bool = True, code: float = 0.0) -> Values:
    count = len(texts)
    return values_of(texts, [0] * count, list(range(count)), [code] * count, [trusted] * count)


@pytest.fixture
def taught() -> Payload:
    bank = Payload()
    bank.grow(1)
    bank.learn(plain(NAMES), np.zeros(len(NAMES)))
    return bank


def test_a_class_never_seen_is_stranger_than_what_is_usual(taught: Payload) -> None:
    usual, strange = taught.score(plain(["name bc", "<name='bc'>"]))
    assert usual == 0.0
    assert strange > 2.0


def test_a_value_far_longer_than_any_before_is_strange(taught: Payload) -> None:
    short, long = taught.score(plain(["name bc", "name bc " * 20]))
    assert long > short


def test_an_apostrophe_in_a_name_is_mild(taught: Payload) -> None:
    assert taught.score(plain(["o'brien"]))[0] < 2.0


def test_scoring_does_not_learn(taught: Payload) -> None:
    values = plain(["<b>", "<b>", "<b>"])
    assert taught.score(values).tolist() == taught.score(values).tolist()


def test_a_score_does_not_depend_on_its_batch_mates(taught: Payload) -> None:
    together = taught.score(plain(["<b>", "name", "x" * 90]))
    alone = [taught.score(plain([text]))[0] for text in ("<b>", "name", "x" * 90)]
    assert together.tolist() == alone


def test_outliers_teach_little_unless_they_are_trusted(taught: Payload) -> None:
    before = taught.score(plain(["<b>"]))[0]
    taught.walk(plain(["<b>"] * 30, trusted=False, code=5.0))
    assert taught.score(plain(["<b>"]))[0] > 0.5 * before
    taught.walk(plain(["<b>"] * 30))
    assert taught.score(plain(["<b>"]))[0] < 0.5 * before


def test_where_trusted_values_are_code_code_counts_less(taught: Payload) -> None:
    before = taught.score(plain(["a = b;"], code=5.0))[0]
    taught.walk(plain(["a = b;"] * 400, code=5.0))
    assert taught.score(plain(["a = b;"], code=5.0))[0] < 0.2 * before


def test_a_restored_bank_says_the_same(taught: Payload) -> None:
    other = Payload()
    other.restore(decode(encode(taught.snapshot())))
    values = plain(["<b>", "name", "o'brien"])
    assert other.score(values).tolist() == taught.score(values).tolist()


def test_a_state_of_another_version_or_shape_is_refused(taught: Payload) -> None:
    with pytest.raises(StateCorrupt, match="version 7"):
        Payload().restore({**taught.snapshot(), "version": 7})
    with pytest.raises(StateCorrupt, match="shape"):
        Payload().restore({**taught.snapshot(), "profiles": np.zeros((1, 3), np.float32)})


def test_memory_is_bounded_and_what_has_no_room_is_counted() -> None:
    bank = Payload(max_profiles=4)
    bank.grow(10)
    assert bank.nbytes < 4 * 1000
    assert bank.blind == 6
    blind = values_of(["<b>"], [9], [0], [5.0], [False])
    assert bank.score(blind).tolist() == [5.0]
