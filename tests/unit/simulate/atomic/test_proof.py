"""Tests that were carried out are matched with what was told by technique and time, and with nothing else."""

from __future__ import annotations

from typing import Any

from vedette.records.time import SECOND, rfc3339
from vedette.simulate.atomic.proof import SEEN, UNSEEN, prove
from vedette.simulate.atomic.run import Outcome, Result
from vedette.simulate.prove import Proof

BEGAN = 1_790_000_000


def ran(technique: str, at: float = 5.0, seconds: float = 2.0) -> Result:
    moment = round((BEGAN + at) * SECOND)
    return Result(technique, technique, technique, "a test", Outcome.RAN, started_at=moment, seconds=seconds)


def finding(*techniques: str, at: float = 0.0, detector: str = "sigma") -> dict[str, Any]:
    start, end = (rfc3339(round((BEGAN + at + more) * SECOND)) for more in (0, 30))
    return {"start": start, "end": end, "techniques": techniques, "detector": detector, "item": "A rule"}


def incident(*findings: dict[str, Any], name: str = "i") -> dict[str, Any]:
    return {"id": name, "title": "an incident", "findings": list(findings)}


def proved(*incidents: dict[str, Any], tests: tuple[Result, ...] = (ran("T1082"),), saw: bool = True) -> list[Proof]:
    return prove(tests, incidents, "processes", lambda first, last: saw, str.lower)[0]


def test_a_rule_that_names_the_technique_at_its_time_finds_it() -> None:
    (one,) = proved(incident(finding("T1082")))
    assert (one.key, one.outcome, one.seconds, one.incidents, one.said) == ("atomic/T1082", "rule", 25.0, 1, "A rule")
    assert one.title == "t1082"


def test_the_parent_counts_and_another_technique_or_time_does_not() -> None:
    sub = (ran("T1036.005"),)
    assert proved(incident(finding("T1036")), tests=sub)[0].outcome == "rule"
    assert proved(incident(finding("T1036.003")), tests=sub)[0].outcome == "missed"
    assert proved(incident(finding("T1082", at=-60)))[0].outcome == "missed"
    assert proved(incident(finding("T1082", at=10)))[0].outcome == "missed"


def test_rules_and_models_are_told_apart() -> None:
    learned = finding("T1082", detector="novelty")
    assert proved(incident(learned))[0].outcome == "model"
    assert proved(incident(learned, finding("T1082")))[0].outcome == "both"


def test_what_was_missed_says_whether_it_was_seen() -> None:
    assert proved()[0].said == SEEN
    assert proved(saw=False)[0].said == UNSEEN


def test_tests_of_a_technique_are_one_and_the_first_finding_gives_the_time() -> None:
    tests = (ran("T1082", 5.0), ran("T1082", 50.0), ran("T1057", 6.0))
    found = proved(
        incident(finding("T1082", at=30), name="a"), incident(finding("T1082", at=40), name="b"), tests=tests
    )
    assert [one.outcome for one in found] == ["missed", "rule"]
    assert (found[1].seconds, found[1].incidents) == (55.0, 2)


def test_an_incident_that_names_nothing_played_is_a_stray() -> None:
    mine, other = incident(finding("T1082"), name="a"), incident(finding("T1496"), name="b")
    assert prove((ran("T1082"),), (mine, other), "processes", lambda first, last: True, str)[1] == [other]
