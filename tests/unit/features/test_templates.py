"""Templates: numbered in order, the same however the stream is cut, and merged where a word varies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors import StateCorrupt
from vedette.features import templates as module
from vedette.features.templates import MANY, Templates, words_of
from vedette.state.codec import decode, encode

WORDS = st.sampled_from(["get", "put", "user", "failed", "a1", "17", "0x3f", "=", " ", ", ", "(", "é"])
LINES = st.lists(st.lists(WORDS, max_size=8).map("".join), max_size=40)


def assigned(templates: Templates, lines: list[str | None]) -> list[str]:
    """Return the text of each line's template."""
    numbers = templates.assign(pa.array(lines, pa.string())).tolist()
    return ["" if number < 0 else templates.text(number) for number in numbers]


def test_words_with_digits_are_left_out_and_signs_kept() -> None:
    lines: list[str | None] = ["took 12 ms (a=3)", "took 7 ms (a=99)", None, "took long ms (a=3)"]
    assert assigned(Templates(), lines) == ["took <*> (a=<*>)", "took <*> (a=<*>)", "", "took long ms (a=<*>)"]


@given(LINES)
def test_equal_templates_have_equal_numbers_as_the_slow_way_says(lines: list[str]) -> None:
    numbers = Templates().assign(pa.array(lines, pa.string())).tolist()
    slow = ["".join(words_of(line.encode())) for line in lines]
    for left in range(len(lines)):
        for right in range(left):
            if slow[left] == slow[right]:
                assert numbers[left] == numbers[right]


@given(LINES, st.integers(0, 40))
def test_numbers_do_not_depend_on_cuts_or_restarts(lines: list[str], cut: int) -> None:
    whole = Templates().assign(pa.array(lines, pa.string())).tolist()
    first = Templates()
    head = first.assign(pa.array(lines[:cut], pa.string())).tolist()
    second = Templates()
    second.restore(decode(encode(first.snapshot())))
    assert head + second.assign(pa.array(lines[cut:], pa.string())).tolist() == whole


@pytest.mark.parametrize("count", [MANY, MANY + 1])
def test_a_word_that_takes_many_values_is_a_variable(count: int) -> None:
    names = [f"user {chr(97 + number) * 3} left" for number in range(count)]
    texts = assigned(Templates(), [*names])
    assert (texts[-1] == "user <*> left") == (count > MANY)


def test_what_templates_became_by_merging_is_told_and_survives_a_restart() -> None:
    names = [f"user {chr(97 + number) * 3} left" for number in range(MANY + 1)]
    first, second = Templates(), Templates()
    numbers = first.assign(pa.array(names))
    second.restore(decode(encode(first.snapshot())))
    for templates in (first, second):
        assert {templates.text(number) for number in templates.final()[numbers]} == {"user <*> left"}


def test_a_line_of_very_many_words_is_not_merged() -> None:
    lines = [" ".join(["word"] * 5000 + [name]) for name in "abcdefgh"]
    assert len(set(Templates().assign(pa.array(lines)).tolist())) == 1  # as the text shown is cut


def test_another_version_is_refused() -> None:
    with pytest.raises(StateCorrupt):
        Templates().restore({"version": 1})


NAMES = [f"vpatch-CVE-2023-{number}" for number in range(5)]


def named(templates: Templates, lines: list[str], whole: list[bool]) -> list[str]:
    """Return the text of each line's template; `whole` says which are names."""
    return [templates.text(one) for one in templates.assign(pa.array(lines), np.array(whole)).tolist()]


def test_a_name_is_a_kind_with_its_numbers_and_other_lines_are_not() -> None:
    templates = Templates()
    assert named(templates, NAMES, [True] * 5) == NAMES
    assert len(set(named(templates, NAMES, [False] * 5))) == 1
    assert named(templates, NAMES[::-1], [True] * 5) == NAMES[::-1]


def test_beyond_a_number_of_names_they_are_lines_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NAMED", 2)
    templates = Templates()
    assert named(templates, NAMES, [True] * 5)[:2] == NAMES[:2]
    assert len(set(named(templates, NAMES[2:], [True] * 3))) == 1
    assert named(templates, NAMES[:2], [True] * 2) == NAMES[:2]


@given(st.lists(st.tuples(st.sampled_from([*NAMES, "took 12 ms", "took 7 ms"]), st.booleans())), st.integers(0, 40))
def test_names_do_not_depend_on_cuts_or_restarts(rows: list[tuple[str, bool]], cut: int) -> None:
    def assign(templates: Templates, part: list[tuple[str, bool]]) -> list[int]:
        lines, whole = pa.array([line for line, _ in part], pa.string()), np.array([name for _, name in part], np.bool_)
        return templates.assign(lines, whole).tolist()

    whole, first, second = Templates(), Templates(), Templates()
    head = assign(first, rows[:cut])
    second.restore(decode(encode(first.snapshot())))
    assert head + assign(second, rows[cut:]) == assign(whole, rows)
