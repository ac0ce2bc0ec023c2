"""Correlations against a recount at every match; and texts of rules that nobody would write."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.correlate import fire
from tests.unit.rules.written import ID, correlation, rule, rules_of

from vedette.rules.correlate import Correlator, Match
from vedette.rules.parse import parse

BASE = [rule(number, {"one": {"a": number}}) for number in (1, 2, 3)]
EVENT = st.tuples(
    st.integers(0, 40), st.integers(1, 3), st.sampled_from(["u", "v", None]), st.sampled_from(["1", "2", "7", None])
)
KINDS = st.sampled_from(["event_count", "value_count", "value_sum", "value_avg", "temporal"])


@settings(deadline=None, max_examples=250)
@given(st.lists(EVENT, max_size=40), KINDS, st.integers(1, 9), st.integers(1, 30))
def test_a_correlation_fires_where_a_recount_says(
    events: list[tuple[int, int, str | None, str | None]], kind: str, least: int, seconds: int
) -> None:
    least = min(least, 3) if kind == "temporal" else least
    condition = {"gte": least, **({"field": "n"} if kind.startswith("value") else {})}
    text = correlation(
        9, kind, [ID.format(number) for number in (1, 2, 3)], condition=condition, timespan=f"{seconds}s"
    )
    rules = rules_of(*BASE, text)
    matches = [
        Match(float(time), row, ID.format(number), {"user": user, "n": value})
        for row, (time, number, user, value) in enumerate(sorted(events, key=lambda event: event[0]))
    ]
    found = [fired.row for fired in Correlator(rules).feed(matches)]
    assert found == fire(rules.correlations[0], matches)


WHOLE = "---\n".join([*BASE, correlation(9, "event_count", [ID.format(1)], condition={"gte": 3})])


@settings(deadline=None, max_examples=400)
@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 12),
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["*a", "&a ", "[", "{", "- ", "? ", "!!python/name:os ", "|", "%x%", "1 of", "\x00"]),
    ),
)
def test_a_text_of_rules_with_anything_in_it_never_raises(place: int, cut: int, put: str) -> None:
    parse({"x.yml": WHOLE[:place] + put + WHOLE[place + cut :]})
