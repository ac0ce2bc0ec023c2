import pytest
from tests.unit.rules.written import ID, correlation, rule, rules_of

from vedette.errors import StateCorrupt
from vedette.rules import correlate
from vedette.rules.correlate import Correlator, Match

A, B, C = (ID.format(number) for number in (1, 2, 3))
BASE = [rule(number, {"one": {"a": number}}) for number in (1, 2, 3)]


def correlator(*texts: str) -> Correlator:
    return Correlator(rules_of(*BASE, *texts))


def at(time: float, which: str = A, user: str | None = "u", **fields: str | None) -> Match:
    return Match(time, int(time), which, {"user": user, **fields})


def rows(made: Correlator, *matches: Match) -> list[int]:
    return [fired.row for fired in made.feed(matches)]


def test_events_are_counted_by_group_within_the_span() -> None:
    made = correlator(correlation(9, "event_count", [A], condition={"gte": 3}))
    others = [at(second, user=f"other{second}") for second in range(50)]
    assert rows(made, at(0), at(30), *others, at(59)) == [59]
    assert rows(made, at(200), at(230), at(261)) == []


def test_an_episode_is_told_once_and_the_next_again() -> None:
    made = correlator(correlation(9, "event_count", [A], condition={"gte": 2}))
    assert rows(made, *(at(second) for second in range(0, 100, 5))) == [5]
    assert rows(made, at(300), at(301)) == [301]


def test_distinct_values_are_counted() -> None:
    made = correlator(correlation(9, "value_count", [A], condition={"field": "host", "gte": 3}))
    assert rows(made, *(at(second, host="x") for second in range(9)), at(10, host="y"), at(11), at(12, host="z")) == [
        12
    ]


@pytest.mark.parametrize(
    ("kind", "condition", "expected"),
    [
        ("value_sum", {"field": "n", "gt": 100}, [3]),
        ("value_avg", {"field": "n", "gte": 30}, [2]),
        ("value_median", {"field": "n", "gte": 15}, [2]),
        ("value_percentile", {"field": "n", "percentile": 90, "gte": 60}, [3]),
    ],
)
def test_numbers_are_computed_with_and_what_is_none_is_left_out(kind: str, condition, expected: list[int]) -> None:
    made = correlator(correlation(9, kind, [A], condition=condition))
    values = ["10", "x", "50", "70", None]
    assert rows(made, *(at(second, n=value) for second, value in enumerate(values))) == expected


def test_rules_together_in_any_order() -> None:
    made = correlator(correlation(9, "temporal", [A, B, C]))
    assert rows(made, at(0, C), at(5, A), at(6, A), at(9, B)) == [9]
    assert rows(made, at(500, A), at(530, B), at(590, C)) == []


def test_rules_in_their_order_only() -> None:
    made = correlator(correlation(9, "temporal_ordered", [A, B]))
    assert rows(made, at(0, B), at(5, A)) == []
    assert rows(made, at(6, B)) == [6]


def test_an_extended_condition_is_evaluated_over_the_rules_seen() -> None:
    names = [f"{text}name: {name}\n" for text, name in zip(BASE, "abc", strict=True)]
    text = correlation(9, "temporal", ["a", "b", "c"], condition="a and (b or c) and not b")
    made = Correlator(rules_of(*names, text))
    assert rows(made, at(0, A), at(1, C)) == [1]
    assert rows(made, at(500, A), at(501, B), at(502, C)) == []


def test_correlations_build_on_correlations() -> None:
    many = correlation(8, "event_count", [A], condition={"gte": 3})
    then = correlation(9, "temporal_ordered", [ID.format(8), B])
    made = correlator(many, then)
    fired = made.feed([at(0), at(1), at(2), at(3, B)])
    assert [(one.row, one.correlation.head.title) for one in fired] == [(2, "rule 8"), (3, "rule 9")]
    assert not fired[0].correlation.head.told


def test_a_group_may_have_another_name_in_each_rule() -> None:
    aliases = {"who": {A: "user", B: "account"}}
    made = correlator(correlation(9, "temporal", [A, B], **{"group-by": ["who"], "aliases": aliases}))
    assert rows(made, at(0, A, "x"), at(1, B, None, account="y"), at(2, B, None, account="x")) == [2]


def test_matches_without_the_groups_field_are_not_counted() -> None:
    made = correlator(correlation(9, "event_count", [A], condition={"gte": 1}))
    assert rows(made, at(0, user=None)) == []


def test_late_matches_count_where_they_belong() -> None:
    made = correlator(correlation(9, "temporal_ordered", [A, B]))
    assert rows(made, at(10, B), at(5, A)) == [5]


def test_it_does_not_matter_how_the_stream_is_cut_nor_whether_it_is_restored() -> None:
    text = correlation(9, "event_count", [A], condition={"gte": 3})
    matches = [at(second * 7 % 400, user=f"u{second % 3}") for second in range(120)]
    matches.sort(key=lambda match: match.time)
    whole = rows(correlator(text), *matches)
    made, found = correlator(text), []
    for match in matches:
        found += rows(made, match)
        other = correlator(text)
        other.restore(made.snapshot())
        made = other
    assert found == whole != []


def test_state_is_bounded_and_what_is_forgotten_is_counted(monkeypatch) -> None:
    monkeypatch.setattr(correlate, "GROUPS", 10)
    monkeypatch.setattr(correlate, "MATCHES", 5)
    made = correlator(correlation(9, "value_count", [A], condition={"field": "host", "gte": 8}))
    rows(made, *(at(0, user=f"u{number}", host="h") for number in range(30)), *(at(1, host="h") for _ in range(50)))
    assert made.forgotten == 21 + 41
    assert len(made.snapshot()) < 2000


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b'{"form":9}', b'{"form":1,"rules":["x"],"forgotten":0,"groups":[]}']
)
def test_a_snapshot_that_is_none_is_refused(data: bytes) -> None:
    made = correlator(correlation(9, "event_count", [A], condition={"gte": 2}))
    rows(made, at(0))
    with pytest.raises(StateCorrupt):
        made.restore(data)
    assert rows(made, at(1)) == [1]
