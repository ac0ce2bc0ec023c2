import numpy as np
import pytest

from vedette.decision.burns import burning, told
from vedette.decision.lifecycle import AT_ONCE, Lifecycle, Rules
from vedette.decision.plan import Planned
from vedette.decision.ranking import score
from vedette.decision.sentence import counterfactual, text, title
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.document import finding_from_document, finding_to_document
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Phase, Severity
from vedette.records.objective import ALERTS, HOUR, MINUTE, Budget, Burn, Indicator, Objective
from vedette.records.observation import Measures, Occurrences
from vedette.records.segment import Segment
from vedette.records.window import Window

CHECKOUT = Segment("", "web", "POST /checkout")
OBJECTIVE = Objective("checkout works", "web", 99.9, route="POST /checkout")
THRESHOLD = 1e-6


class Quiet:
    def events(self, segment: Segment) -> int:
        return 10

    def entities(self, segment: Segment) -> tuple[str, ...]:
        return ("client c_1",)

    def evidence(self, segment: Segment, item: str = "") -> tuple[str, ...]:
        return ("POST /checkout 500",)


def window(minute: int = 0) -> Window:
    start, none = minute * MINUTE, np.zeros(0, np.int32)
    measures = Measures(start, MINUTE, none, np.zeros(0), np.zeros(0))
    items = Occurrences(start, MINUTE, none, np.zeros(0, np.uint64), np.zeros(0, np.int64))
    return Window(start, MINUTE, (), (), measures, items, Quiet())  # type: ignore[arg-type]


def burn(alert: int = 0, left: float = 0.6, **changes: object) -> Burn:
    values = {"alert": ALERTS[alert], "bad": 90, "total": 6000, "known": ALERTS[alert].long, **changes}
    return Burn(Budget(OBJECTIVE, CHECKOUT, left), **values)  # type: ignore[arg-type]


def found(one: Burn, *planned: Planned, minute: int = 0) -> list[Finding]:
    return list(burning(window(minute), [one], planned, THRESHOLD))


def test_it_says_what_was_promised_what_came_and_how_long_the_budget_lasts() -> None:
    # 30 days at 15 times the rate are two days; 60 % of them are 28.8 hours
    assert told(burn()) == (
        "objective “checkout works” promises that 99.9 % of requests are answered without a server error in 30 days; "
        "in the last 60 min 90 of 6000 did not, 1.5 % where 0.1 % are allowed: the error budget burns 15 times as fast "
        "as it may, 60 % of it is left and gone in 29 h"
    )


def test_a_latency_objective_names_its_threshold_and_an_overdrawn_budget_says_by_how_much() -> None:
    fast = Objective("fast", "web", 99.0, Indicator.LATENCY, threshold=0.3)
    said = told(Burn(Budget(fast, CHECKOUT, -0.2), ALERTS[0], 180, 1000, HOUR))
    assert "99 % of requests are answered within 300 ms" in said
    assert said.endswith("18 times as fast as it may, and is overdrawn (120 % of it used)")


@pytest.mark.parametrize(
    ("alert", "severity", "at_once"),
    [(0, Severity.CRITICAL, True), (1, Severity.HIGH, True), (2, Severity.MEDIUM, False), (3, Severity.LOW, False)],
)
def test_severity_follows_the_burn_rate_and_all_of_them_open_an_incident(
    alert: int, severity: Severity, at_once: bool
) -> None:
    life = Lifecycle(Rules(5 * MINUTE))
    first = life.step(window(0), found(burn(alert)))
    assert (first[0].phase is Phase.FIRING) is at_once
    assert (score(found(burn(alert))[0]) >= AT_ONCE) is at_once
    (incident,) = life.step(window(1), found(burn(alert), minute=1))
    assert (incident.phase, incident.severity, incident.kind) == (Phase.FIRING, severity, Kind.PERFORMANCE)


def test_the_incident_reads_as_one_of_a_budget() -> None:
    (finding,) = found(burn())
    assert title(finding) == (
        "POST /checkout: objective “checkout works” burns its error budget 15.0× as fast as it may"
    )
    assert text(finding) == told(burn())
    assert counterfactual(finding) == "would not have fired if ≤ 1.44 %"
    assert finding_from_document(finding_to_document(finding)) == finding
    (incident,) = Lifecycle(Rules(5 * MINUTE)).step(window(), [finding])
    assert incident.explanation.timeline[0].text == "error budget of POST /checkout burns too fast"
    assert incident.explanation.sentence == f"POST /checkout: {told(burn())}."


def test_with_less_history_more_would_have_been_borne() -> None:
    (finding,) = found(burn(known=HOUR // 2))
    assert finding.counterfactual == pytest.approx(2 * 14.4 * 0.001)


def test_it_joins_the_incident_of_its_service() -> None:
    life = Lifecycle(Rules(5 * MINUTE))
    other = Finding(
        "baseline", CHECKOUT, "latency_p95_seconds", Kind.PERFORMANCE, 0, MINUTE,
        1.8, 0.3, 0.2, 0.4, 1e-12, 12.0, THRESHOLD, 0.4, "s",
    )  # fmt: skip
    (incident,) = life.step(window(), [other, *found(burn())])
    assert {part.detector for part in incident.explanation.contributions} == {"baseline", "slo"}
    assert sum(part.share for part in incident.explanation.contributions) == pytest.approx(100)


@pytest.mark.parametrize(("kind", "heard"), [(EventKind.MAINTENANCE, 0), (EventKind.SALE, 1), (EventKind.DEPLOY, 1)])
def test_maintenance_alone_excuses_it(kind: EventKind, heard: int) -> None:
    event = PlannedEvent("e", kind, "Planned", 0, HOUR, ("web",))
    assert len(found(burn(), Planned(event, "is on"))) == heard
    elsewhere = PlannedEvent("e", kind, "Planned", 0, HOUR, ("other",))
    assert len(found(burn(), Planned(elsewhere, "is on"))) == 1
