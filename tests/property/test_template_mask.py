"""Masking: the fast way says what the slow way says, within its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.oracles import template as oracle

from vedette.kernels import template as kernel

WORDS = ["get", "a1", "17", "host.example", "ff", "fa", "kb", "KB", "true", "Jan", "3", "é", "b"]
PIECES = st.sampled_from([*WORDS, *"=:,;()[]{}<>\"'|/@&? \t", " ", "/", "(", ")", ":", "="])
LINES = st.lists(PIECES, max_size=25).map("".join)


def masked(line: str) -> str:
    data = np.frombuffer(line.encode() or b"\0", np.uint8)
    out = np.full(3 * len(line.encode()) + 8, 1, np.uint8)
    size = kernel.mask(data, 0, len(line.encode()), kernel.classes(), out)
    assert size <= 3 * len(line.encode()) + 3
    return out[:size].tobytes().decode()


@given(LINES)
@example("12 /3/4 (a.b.c) x")
@example("1 (2")
def test_the_fast_way_says_what_the_slow_way_says(line: str) -> None:
    assert masked(line) == oracle.mask(line)


@given(st.text(alphabet=st.characters(blacklist_characters="\n", blacklist_categories=["Cs"]), max_size=40))
def test_no_ascii_digit_is_left_of_any_text(line: str) -> None:
    assert not set(masked(line)) & set("0123456789")


@pytest.mark.parametrize(
    ("line", "template"),
    [
        ("took 12 ms at node-3", "took <*> at <*>"),
        ("from fe80::1a:ff (a.example) on", "from <*> on"),
        ("sent 10 bytes (1.2 KB), in <1 sec", "sent <*> bytes, in <*>"),
        ("a.example:443 closed", "<*> closed"),
        ("no such file /var/log/x: gone", "no such file <*>: gone"),
        ("on Mon Jun 2 ok=yes true", "on <*> ok=<*>"),
        ("addr fa:16:3e:ad:fc up", "addr <*> up"),
        ("ids 1 2 3 4", "ids <*>"),
    ],
)
def test_values_are_known_by_their_look(line: str, template: str) -> None:
    assert masked(line) == template
