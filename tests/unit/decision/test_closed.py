"""What an announcement that comes late makes of incidents that are over."""

from dataclasses import replace

import pytest
from tests.unit.decision.test_lifecycle import CHECKOUT, MINUTE, finding, window

from vedette.decision.closed import KEPT, MOST_PARTS, Closed
from vedette.decision.episode import Episode
from vedette.decision.history import History
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.records.context import EventKind, PlannedEvent, Withdrawal
from vedette.records.document import from_document, to_document
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident, Phase
from vedette.state.codec import decode, encode

RULES = Rules(5 * MINUTE, 30 * MINUTE)
DAY = 24 * 60


def busy(minute: int, times: float = 6.0, **changes: object) -> Finding:
    """Return a minute with as many times the usual requests, of which 80 to 120 are usual."""
    return finding(
        minute,
        feature="requests",
        kind=Kind.OPERATIONS,
        actual=100.0 * times,
        expected=100.0,
        lower=80.0,
        upper=120.0,
        unit="{request}",
        **changes,
    )


def sale(begin: int, end: int, lift: float | None = 6.0, kind: EventKind = EventKind.SALE) -> PlannedEvent:
    return PlannedEvent("s1", kind, "Summer", begin * MINUTE, end * MINUTE, ("web",), lift)


def over(*findings: Finding) -> tuple[Lifecycle, Incident]:
    """Return a lifecycle two days on, and the incident of the findings as it was when it ended."""
    life, told = Lifecycle(RULES), dict[str, Incident]()
    for minute in (*range(20), *range(2 * DAY, 2 * DAY + 2)):
        mine = [one for one in findings if one.start == minute * MINUTE]
        told.update({one.id: one for one in life.step(window(minute), mine)})
    (incident,) = told.values()
    assert incident.phase is Phase.RESOLVED
    return life, incident


def next_of(life: Lifecycle, minute: int = 2 * DAY + 2) -> list[Incident]:
    return life.step(window(minute), [])


@pytest.mark.parametrize(
    "event",
    [sale(3, 6), sale(0, 90), sale(0, 90, None, EventKind.MAINTENANCE), replace(sale(3, 6), segments=())],
)
def test_it_is_explained_and_no_longer_counted(event: PlannedEvent) -> None:
    life, before = over(busy(3), busy(4, 5.0), busy(5))
    assert life.history.per_day == pytest.approx(0.5, abs=0.01)
    life.heed(event)
    (told,) = next_of(life)
    assert (told.id, told.phase, told.ended_at, told.finding_ids) == (before.id, before.phase, before.ended_at, ())
    assert told.explained == event.name
    last = told.explanation.timeline[-1]
    assert last.text == f"explained by {event.name}, which was announced later"
    assert last.time == (2 * DAY + 2) * MINUTE
    assert told.explanation.timeline[:-1] == before.explanation.timeline
    assert life.history.per_day == 0.0
    assert next_of(life, 2 * DAY + 3) == []
    assert from_document(to_document(told)).explained == event.name


@pytest.mark.parametrize(
    ("findings", "event"),
    [
        ([busy(3), busy(4)], sale(4, 90)),  # it had begun before
        ([busy(3), busy(4)], sale(0, 4)),  # it went on
        ([busy(3, 30.0), busy(4)], sale(0, 90)),  # thirty times where six were announced
        ([busy(3), busy(4, 0.01)], sale(0, 90)),  # traffic that was gone meanwhile
        ([busy(3), busy(4)], replace(sale(0, 90), segments=("billing",))),
        ([busy(3), busy(4)], sale(0, 90, None)),  # how much it brings is not known
        ([busy(3), finding(3)], sale(0, 90)),  # a sale announces no latency
        ([busy(3), finding(3, feature="denied_ratio", kind=Kind.SECURITY)], sale(0, 90, None, EventKind.MAINTENANCE)),
        ([finding(3, feature="denied_ratio", kind=Kind.SECURITY)], sale(0, 90, None, EventKind.MAINTENANCE)),
    ],
)
def test_it_is_not_where_the_event_leaves_something_open(findings: list[Finding], event: PlannedEvent) -> None:
    life, _ = over(*findings)
    life.heed(event)
    assert next_of(life) == []
    assert life.history.per_day > 0.0


def busiest(minute: int, times: float) -> Finding:
    """Return a minute in which the busiest client made as many times the most that is usual."""
    changes = {"feature": "client_requests_max", "kind": Kind.SECURITY}
    return replace(busy(minute), actual=12.0 * times, expected=8.0, lower=0.0, upper=12.0, **changes)


@pytest.mark.parametrize(("times", "explained"), [(5.0, "sale “Summer”"), (8.0, "")])
def test_the_busiest_client_may_be_busier_by_as_much_as_the_traffic_is(times: float, explained: str) -> None:
    life, _ = over(busy(3), busiest(3, times))
    life.heed(sale(0, 90))
    assert [one.explained for one in next_of(life)] == ([explained] if explained else [])
    alone, _ = over(busiest(3, 5.0))
    alone.heed(sale(0, 90))
    assert next_of(alone) == []


def test_an_event_that_is_taken_back_or_moved_explains_nothing_any_more() -> None:
    life, before = over(busy(3), busy(4))
    for undo in (Withdrawal("s1"), sale(900, 990)):
        life.heed(sale(0, 90))
        assert [one.explained for one in next_of(life)] == ["sale “Summer”"]
        life.heed(undo)
        (again,) = next_of(life)
        assert again.explained == ""
        assert again.explanation.timeline == before.explanation.timeline
        assert life.history.per_day == pytest.approx(0.5, abs=0.01)


def test_a_deploy_that_is_announced_late_is_named_and_excuses_nothing() -> None:
    life, _ = over(finding(3), finding(4))
    life.heed(PlannedEvent("d1", EventKind.DEPLOY, "2.4", MINUTE, MINUTE, ("web",)))
    (told,) = next_of(life)
    assert told.explained == ""
    assert told.explanation.timeline[-1].text == "deploy “2.4” came right before it, as was announced later"
    assert "regression since deploy “2.4”" in told.explanation.hypotheses[0]
    assert life.history.per_day > 0.0
    life.heed(PlannedEvent("d2", EventKind.DEPLOY, "2.5", 2 * MINUTE, 2 * MINUTE, ("web",)))
    assert next_of(life) == []
    life.heed(Withdrawal("d1"))
    assert [one.explanation.hypotheses for one in next_of(life)] == [()]


@pytest.mark.parametrize(("at", "services"), [(-40, ("web",)), (4, ("web",)), (1, ("billing",))])
def test_a_deploy_long_before_after_or_elsewhere_is_not_named(at: int, services: tuple[str, ...]) -> None:
    life, _ = over(finding(3), finding(4))
    life.heed(PlannedEvent("d1", EventKind.DEPLOY, "2.4", at * MINUTE, at * MINUTE, services))
    assert next_of(life) == []


def test_a_deploy_that_is_announced_late_gives_what_is_open_its_two_hypotheses() -> None:
    life = Lifecycle(RULES)
    life.step(window(3), [finding(3)])
    life.heed(PlannedEvent("d1", EventKind.DEPLOY, "2.4", MINUTE, MINUTE, ("web",)))
    (told,) = life.step(window(4), [finding(4)])
    assert len(told.explanation.hypotheses) == 2
    assert life.undecided(4 * MINUTE) == {(CHECKOUT, "latency_p95_seconds")}


def test_what_a_late_event_closes_counts_as_little_as_what_was_over() -> None:
    life = Lifecycle(RULES)
    life.step(window(3), [busy(3)])
    life.heed(sale(0, 90))
    (told,) = life.step(window(4), [])
    assert (told.phase, told.explained) == (Phase.RESOLVED, "sale “Summer”")
    life.step(window(2 * DAY), [])
    assert life.history.per_day == 0.0
    life.heed(Withdrawal("s1"))
    (back,) = next_of(life)
    assert back.explained == ""
    assert life.history.per_day > 0.0


def test_a_restart_before_and_after_the_announcement_changes_nothing() -> None:
    life, _ = over(busy(3), replace(busy(4, 5.0), lower=0.0))
    other = Lifecycle(RULES)
    other.restore(decode(encode(life.snapshot())))
    for one in (life, other):
        one.heed(sale(0, 90))
    third = Lifecycle(RULES)
    third.restore(decode(encode(other.snapshot())))
    assert to_document(next_of(life)[0]) == to_document(next_of(third)[0])
    assert life.snapshot() == third.snapshot()


def ended(minute: int, parts: int = 1) -> Episode:
    episode = Episode(minute * MINUTE, CHECKOUT, Phase.RESOLVED)
    for number in range(parts):
        episode.add(busy(minute, item=f"{number}"))
    episode.ended = episode.last
    return episode


def test_it_keeps_a_month_and_no_more_parts_than_it_may() -> None:
    closed = Closed(History(), 0)
    for minute in range(5):
        closed.add(ended(minute, MOST_PARTS // 4))
    closed.step(6 * MINUTE, lambda number: None)
    kept = closed.snapshot()["episodes"]
    assert [row["started"] for row in kept] == [minute * MINUTE for minute in range(1, 5)]
    closed.step(3 * MINUTE + KEPT, lambda number: None)
    assert [row["started"] for row in closed.snapshot()["episodes"]] == [3 * MINUTE, 4 * MINUTE]
