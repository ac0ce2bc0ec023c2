"""The kernel finds what the obvious way finds, in texts made of indicators, near misses and rubbish."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.oracles.indicators import held
from tests.unit.indicators.made import index, indicator

from vedette.kernels.bytes import PAD

VALUES = (
    "192.0.2.7", "192.0.2.0/28", "192.0.0.0/16", "198.51.100.0/24", "203.0.113.255", "2001:db8::/32",
    "2001:db8::1:0/112", "2001:db8::5", "::ffff:198.51.100.7", "bad.example", "a.bad.example",
    "worse.example.org", "xn--bd-via.example",
    "http://bad.example/", "http://bad.example/a?b=c", "https://bad.example:8443/x", "ftp://192.0.2.7/f",
    "d41d8cd98f00b204e9800998ecf8427e", "a" * 40, "0123456789abcdef" * 4, "eve@bad.example", "x+y@worse.example.org",
)  # fmt: skip
INDICATORS = tuple(indicator(value) for value in VALUES)
INDEX = index(*INDICATORS)
NEAR = (
    "192.0.2.1", "192.0.2.16", "192.0.1.255", "192.0.2.07", "192.0.2.7.1", "1.192.0.2.7", "192.0.2", "999.0.2.7",
    "2001:db8::1:5", "2001:DB8:0:0:0:0:0:5", "2001:db9::", "12:34:56", "00:11:22:33:44:55", "::", "::ffff:192.0.2.9",
    "not-bad.example", "bad.example.com", "www.a.bad.example", "HTTP://BAD.example:80#x", "http://bad.example/A?b=c",
    "http://bad.example?", "https://u@bad.example:8443/x", "b" * 40, "D41D8CD98F00B204E9800998ECF8427E", "a" * 41,
    "mallory@bad.example", "Eve@Bad.Example", "com.bad.Example", "file.exe",
    r"http:\/\/bad.example\/", "http://bad.example:80?x", "http://bad.example:8080",
)  # fmt: skip
GLUE = (*' .,:/@-_[]=?#\\%éx1();"', "://", r":\/\/", r"\/", r"\u0026")


@settings(max_examples=600, deadline=None)
@given(st.lists(st.lists(st.sampled_from((*VALUES, *NEAR, *GLUE, *GLUE)), max_size=7).map("".join), max_size=4))
@example([r"http:\/\/bad.example\/a?b=c", "http://bad.example:80", "https://bad.example:443/x"])
@example(["192.0.2.7:80 eve@bad.example.", "[2001:db8::5]:443", "2001:db8::5:", "see http://bad.example/a?b=c)."])
def test_the_kernel_finds_what_the_obvious_way_finds(texts: list[str]) -> None:
    parts = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    data = np.frombuffer(b"".join(parts) + b"\xff" * PAD, np.uint8)
    rows, entries = INDEX.valid(*INDEX.within(data, ends[:-1], ends[1:]), np.zeros(len(texts), np.int64))
    found: list[set[str]] = [set() for _ in texts]
    for row, entry in zip(rows.tolist(), entries.tolist(), strict=True):
        found[row].add(INDEX.indicator(entry).value)
    assert found == [held(text, INDICATORS) for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_are_read_within_their_bounds(parts: list[bytes]) -> None:
    ends = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    alone = np.frombuffer(b"".join(parts) + bytes(PAD), np.uint8)
    beside = np.frombuffer(b"".join(parts) + b"192.0.2.7 bad.ex", np.uint8)
    for data in (alone, beside):
        rows, entries = INDEX.within(data, ends[:-1], ends[1:])
        texts = {row: parts[row].decode("latin-1") for row in set(rows.tolist())}
        assert all(entries >= 0)
        assert all(texts.values())
    assert [one.tolist() for one in INDEX.within(alone, ends[:-1], ends[1:])] == [rows.tolist(), entries.tolist()]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.integers(8, 32)), min_size=1, max_size=20), st.integers(0, 2**32 - 1))
def test_nested_ranges_are_all_told(ranges: list[tuple[int, int]], address: int) -> None:
    nets = [indicator(f"10.{part}.{part}.{part}/{size}") for part, size in ranges]
    text = f"10.{ranges[0][0]}.{ranges[0][0]}.{address % 256}"
    made = index(*nets)
    distinct = {one.value for one in nets}
    found = {made.indicator(entry).value for entry in made.holding(text)}
    assert found == {value for value in distinct if held(text, [indicator(value)])}
