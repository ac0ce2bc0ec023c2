from collections.abc import Sequence

import numpy as np
import pytest

from vedette.decision.lifecycle import AT_ONCE
from vedette.decision.ranking import score
from vedette.decision.rulings import LEARNED, USUAL, Rulebook
from vedette.records.finding import Finding
from vedette.records.observation import Measures, Occurrences
from vedette.records.rule import Ruling
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window

WIDTH = 60 * SECOND
HOSTS = Segment("", "hosts", "")
THRESHOLD = 1e-6


class Nothing:
    """A window's context in which nothing happened."""

    def events(self, segment: Segment) -> int:
        return 0

    def entities(self, segment: Segment) -> tuple[str, ...]:
        return ()

    def evidence(self, segment: Segment, item: str = "") -> tuple[str, ...]:
        return ()

    def item(self, code: int) -> str:
        return ""


def window(start: int = 0) -> Window:
    none = np.zeros(0, np.int32)
    measures = Measures(start, WIDTH, none, np.zeros(0), np.zeros(0))
    occurrences = Occurrences(start, WIDTH, none, np.zeros(0, np.uint64), np.zeros(0, np.int64))
    return Window(start, WIDTH, (), (), measures, occurrences, Nothing())


def ruling(level: str, segment: Segment = HOSTS, rule: str = "r-1") -> Ruling:
    return Ruling(segment, rule, "Shell", level, ("T1059.004",), "Ana", 3, ("user u_1",), ("sh -c id",))


def found(book: Rulebook, *rulings: Ruling, start: int = 0, busy: bool = False) -> Sequence[Finding]:
    return list(book.findings(window(start), rulings, THRESHOLD, lambda _: busy))


@pytest.mark.parametrize(("level", "at_once"), [("critical", True), ("high", True), ("medium", False)])
def test_critical_and_high_call_at_once_and_medium_waits(level: str, at_once: bool) -> None:
    (finding,) = found(Rulebook(), ruling(level))
    assert (score(finding) >= AT_ONCE) is at_once
    assert finding.p_value <= THRESHOLD


def test_low_rules_join_what_is_open_and_open_nothing() -> None:
    assert not found(Rulebook(), ruling("low"))
    assert len(found(Rulebook(), ruling("low"), busy=True)) == 1
    assert len(found(Rulebook(), ruling("low"), ruling("high", rule="r-2"))) == 2


def test_informational_rules_give_no_findings() -> None:
    assert not found(Rulebook(), ruling("informational"), busy=True)


def test_a_finding_names_rule_author_and_technique() -> None:
    (finding,) = found(Rulebook(), ruling("high"))
    assert finding.evidence == ("rule “Shell” (r-1) by Ana", "sh -c id")
    assert (finding.detector, finding.item, finding.techniques) == ("sigma", "Shell", ("T1059.004",))
    assert finding.entities == ("user u_1",)


def flooded(days: float, a_day: int) -> tuple[Rulebook, int]:
    book, step = Rulebook(), 24 * 3600 * SECOND // a_day
    starts = range(0, round(days * 24 * 3600) * SECOND, step)
    for start in starts:
        found(book, ruling("high"), start=start)
    return book, starts[-1] + step


def test_a_rule_that_matches_all_day_is_usual_there_and_only_joins() -> None:
    book, now = flooded(3, 24)
    assert not found(book, ruling("high"), start=now)
    (joined,) = found(book, ruling("high"), start=now, busy=True)
    assert score(joined) < AT_ONCE
    assert joined.expected > 0


def test_an_informational_rule_that_is_usual_joins_nothing_either() -> None:
    book, hour = Rulebook(), 3600 * SECOND
    for number in range(72):
        found(book, ruling("informational"), start=number * hour)
    assert not found(book, ruling("informational"), start=72 * hour, busy=True)


def test_what_is_usual_in_one_segment_is_not_in_another() -> None:
    book, now = flooded(3, 24)
    assert len(found(book, ruling("high", Segment("", "db", "")), start=now)) == 1


def test_a_rule_is_usual_only_after_a_day_and_only_if_it_is_frequent() -> None:
    book, now = flooded(0.9, 24)
    assert now < LEARNED
    assert len(found(book, ruling("high"), start=now)) == 1
    book, now = flooded(5, int(USUAL) - 1)
    assert len(found(book, ruling("high"), start=now)) == 1


def test_what_is_usual_outlives_a_snapshot() -> None:
    book, now = flooded(3, 24)
    other = Rulebook()
    other.restore(book.snapshot())
    assert not found(other, ruling("high"), start=now)


def listed(rule: str, family: str = "list-1", level: str = "high") -> Ruling:
    return Ruling(
        HOSTS, rule, f"address {rule} is on a list", level, (), "a", 1, (), ("line",), "indicators", family, "all facts"
    )


def test_an_indicator_is_told_with_what_its_list_says_first() -> None:
    (finding,) = found(Rulebook(), listed("i-1"))
    assert (finding.detector, finding.feature, finding.item) == ("indicators", "indicator", "address i-1 is on a list")
    assert finding.evidence == ("all facts", "line")


def test_a_list_of_which_ever_new_members_match_is_usual_as_a_whole_and_others_are_not() -> None:
    book = Rulebook()
    for number in range(60):
        found(book, listed(f"i-{number}"), start=number * 3600 * SECOND)
    assert not found(book, listed("i-new"), start=60 * 3600 * SECOND)
    assert found(book, listed("i-new", "list-2"), start=60 * 3600 * SECOND)


def test_one_member_that_matches_all_day_leaves_its_list_unusual() -> None:
    book = Rulebook()
    for number in range(60):
        found(book, listed("i-1"), start=number * 3600 * SECOND)
    assert not found(book, listed("i-1"), start=60 * 3600 * SECOND)
    (finding,) = found(book, listed("i-2"), start=60 * 3600 * SECOND)
    assert finding.p_value < THRESHOLD


def test_the_record_of_a_family_outlives_a_restart() -> None:
    book, other = Rulebook(), Rulebook()
    for number in range(60):
        found(book, listed(f"i-{number}"), start=number * 3600 * SECOND)
    other.restore(book.snapshot())
    assert not found(other, listed("i-new"), start=60 * 3600 * SECOND)
