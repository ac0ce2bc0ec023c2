from dataclasses import replace

from tests.scenario.story import shard
from tests.unit.decision.test_lifecycle import finding, run

from vedette.engine.gauges import Gauges
from vedette.journal.log import Chunk
from vedette.records.incident import Phase
from vedette.records.report import POINTS, Report
from vedette.records.time import SECOND
from vedette.telemetry import metrics

WIDTH = 60 * SECOND


def test_an_incident_is_counted_when_it_is_new_and_not_when_it_goes_on_or_is_over() -> None:
    gauges, model = Gauges(WIDTH, lambda: 0), shard()
    fresh, *_, over = run({minute: [finding(minute)] for minute in (3, 4, 5)}, 15)
    old = replace(fresh, updated_at=fresh.started_at + 9 * WIDTH)
    severity = fresh.severity.value
    before = metrics.INCIDENTS.value(severity)
    assert (fresh.phase, over.phase) == (Phase.FIRING, Phase.RESOLVED)
    for incident, more in ((old, 0), (over, 0), (fresh, 1)):
        gauges.note(Chunk(1, None, ()), Report((), (incident,), POINTS.empty_table(), 1, 0), model)
        assert metrics.INCIDENTS.value(severity) - before == more


def test_a_backfill_has_no_lag_and_nothing_is_no_rate() -> None:
    gauges = Gauges(WIDTH, lambda: 0)
    gauges.note(Chunk(1, None, ()), Report((), (), POINTS.empty_table(), 0, 2), shard())
    assert gauges.events_per_second() == 0.0
    assert gauges.lag_seconds() == 0.0
