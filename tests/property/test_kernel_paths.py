"""Folded paths equal a plain regular expression's, and the vocabulary a dict."""

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import example, given
from hypothesis import strategies as st

from vedette.kernels.paths import folded
from vedette.kernels.vocabulary import Vocabulary
from vedette.records.texts import padded, string_column

VALUES = r"\b(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{8,}|[0-9]+)\b"
UUID = "0b0e9a52-66a8-4b7e-9d0c-8f1c1f2a3b4c"
PIECES = st.sampled_from(
    [*"/-._0129afAFgxé%", "/p/42", "3f2a9c1d77", "deadbeef", UUID, UUID[:-1], UUID[1:], "v1", "日"]
)
TEXTS = st.lists(st.lists(PIECES, max_size=10).map("".join), max_size=8)


@given(TEXTS)
@example(["/p/42", "/p/3f2a9c1d77", f"/p/{UUID}", "/v1/x", "/2024-05-06/a", f"{UUID}x", f"x-{UUID}-1"])
def test_fold_is_the_expression(texts: list[str]) -> None:
    column = pa.array(texts, pa.string())
    data, ends = folded(*padded(column))
    assert string_column(data, ends).to_pylist() == pc.replace_substring_regex(column, VALUES, "{id}").to_pylist()


@given(st.lists(st.lists(st.text(max_size=20), max_size=30), max_size=8), st.integers(1, 60))
def test_a_vocabulary_is_a_dict(batches: list[list[str]], limit: int) -> None:
    known: dict[str, int] = {}
    vocabulary = Vocabulary()
    for batch in batches:
        data, ends = padded(pa.array(batch, pa.string()))
        numbers = vocabulary.numbers(data, ends[:-1], ends[1:] - ends[:-1], limit)
        for text in batch:
            if text not in known and len(known) < limit:
                known[text] = len(known)
        assert numbers.tolist() == [known.get(text, -1) for text in batch]
    assert [vocabulary.text(number) for number in range(len(vocabulary))] == list(known)
    copy = Vocabulary.of(*vocabulary.arrays())
    assert [copy.text(number) for number in range(len(copy))] == list(known)
    assert copy.hashes.tolist() == vocabulary.hashes.tolist()


def test_a_vocabulary_grows() -> None:
    texts = [f"text number {number}" for number in range(70_000)]
    data, ends = padded(pa.array(texts, pa.string()))
    vocabulary = Vocabulary()
    assert vocabulary.numbers(data, ends[:-1], ends[1:] - ends[:-1]).tolist() == list(range(70_000))
    kept = vocabulary.keep(vocabulary.numbers(data, ends[60_000:-1], ends[60_001:] - ends[60_000:-1]))
    assert (len(kept), kept.text(0)) == (10_000, "text number 60000")
