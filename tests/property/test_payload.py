"""The payload kernels against dictionaries of counts."""

from __future__ import annotations

from time import process_time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.payload import Profile

from vedette.detectors.payload import Payload, values_of
from vedette.features.syntax import MOST, judge
from vedette.features.unwrap import LIMIT, readings
from vedette.kernels import payload as kernel

TEXTS = st.text(st.sampled_from("aB3 '\"<>(;=|/.%\\é\n"), max_size=30)


@settings(deadline=None, max_examples=50)
@given(st.lists(TEXTS, min_size=1, max_size=12))
def test_walking_is_scoring_each_value_by_those_before(texts: list[str]) -> None:
    bank, oracle = Payload(), Profile()
    bank.grow(1)
    count = len(texts)
    _, out = bank.walk(values_of(texts, [0] * count, list(range(count)), [0.0] * count, [True] * count))
    for text, found in zip(texts, out, strict=True):
        data = text.encode()
        np.testing.assert_allclose(found[[kernel.CLASS, kernel.STEP, kernel.LENGTH]], oracle.score(data), rtol=1e-5)
        oracle.learn(data)


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=300))
def test_any_text_at_all_is_judged_within_bounds(text: str) -> None:
    assert 0.0 <= judge(text).decades <= MOST


@settings(deadline=None, max_examples=150)
@given(st.text(st.sampled_from("%25cC3xu0&#;\\\"'/*+-="), max_size=200))
def test_broken_encodings_never_raise(text: str) -> None:
    assert readings(text)[0].text == text[:LIMIT].lower()


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("\n\t ()'\"./;|`{$<=-a1"), min_size=1, max_size=4))
def test_no_repeated_text_takes_long(seed: str) -> None:
    text = (seed * LIMIT)[:LIMIT]
    began = process_time()
    judge(text)
    assert process_time() - began < 2.0
