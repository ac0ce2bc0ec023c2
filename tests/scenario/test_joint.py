"""CPU that is high while requests are low is told, though neither is odd alone; who follows the load is not."""

from __future__ import annotations

from functools import cache

import pytest
from bench.contract import Told
from bench.joint import LASTS, Fault, Load, told
from bench.ordinary import MINUTE, MINUTES, START

from vedette.records.finding import Finding
from vedette.records.incident import Incident

SERVICES, DAYS, AT = 3, 3, 2 * MINUTES + 700


@cache
def story(seed: int, kind: str = "") -> tuple[Told, list[Finding]]:
    """Return what is told of three days, with a fault of the first service on the last."""
    faults = (Fault(0, AT, kind),) if kind else ()
    return told(Load(SERVICES, seed, faults).windows(DAYS))


def joint(incidents: Told) -> list[Incident]:
    """Return the incidents of numbers that do not go together."""
    return [
        one
        for one in incidents.incidents.values()
        if any(part.detector == "joint" for part in one.explanation.contributions)
    ]


@pytest.mark.parametrize("seed", [11, 12])
def test_services_that_follow_their_load_are_told_of_by_nobody_for_going_together(seed: int) -> None:
    incidents, findings = story(seed)
    assert joint(incidents) == []
    assert [one for one in findings if one.detector == "joint"] == []


def test_cpu_beyond_its_load_is_one_explained_incident() -> None:
    incidents, findings = story(11, "cpu")
    (incident,) = joint(incidents)
    begin = START + AT * MINUTE
    assert begin <= incident.started_at <= begin + LASTS * MINUTE // 2
    assert not any(one.detector == "baseline" and begin <= one.start < begin + LASTS * MINUTE for one in findings)
    top = incident.explanation.contributions[0]
    assert top.text.startswith("cpu ")
    assert "goes with requests of" in top.text
    assert top.upper < top.actual
    assert sum(part.share for part in incident.explanation.contributions) == pytest.approx(100.0)
    assert "cpu of" in incident.title
