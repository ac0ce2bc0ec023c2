"""The watch over other tools' alerts: bounded, budgeted, and the same after a restart."""

import pytest

from vedette.detectors import alerts as room
from vedette.detectors.alerts import AlertWatch
from vedette.errors import StateCorrupt
from vedette.records.alert import Alert, Outcry
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.codec import decode, encode

START = 1_767_571_200
HOUR, DAY = 3600, 86_400
TOOL = Segment("", "falco", "")


def alert(hours: float, name: str, host: str = "web", urgency: int = 1, segment: Segment = TOOL) -> Alert:
    return Alert(round((START + hours * HOUR) * SECOND), segment, host, name, urgency, 1)


def run(watch: AlertWatch, *alerts: Alert) -> list[Outcry]:
    return [outcry for one in alerts for outcry in watch.take([one])]


def learned(days: int = 3, bearable: float = 10.0) -> AlertWatch:
    """Return a watch that has seen one alert an hour."""
    watch = AlertWatch(bearable)
    assert run(watch, *(alert(hour, "usual") for hour in range(days * 24))) == []
    return watch


def test_an_outcry_tells_what_led_to_it_and_how_new_each_is() -> None:
    watch = learned()
    news = (alert(72.2 + 0.1 * step, name) for step, name in enumerate(("a", "b")))
    outcry, update = run(watch, alert(72.1, "usual", "db"), *news)
    said = [(part.alert.name, part.alert.host, part.weight, part.days, part.visits) for part in outcry.parts]
    assert said == [("usual", "db", 2.0, 3, 0), ("a", "web", pytest.approx(1.8, abs=0.2), 0, 0)]
    assert outcry.evidence == pytest.approx(sum(part.weight for part in outcry.parts))
    assert [part.alert.name for part in update.parts] == ["b"]


def test_what_is_new_says_less_the_more_that_is_new_there_is() -> None:
    watch = learned()
    weights = [watch.take([alert(72 + 3 * step, f"kind {step}", urgency=3)])[0].parts[0].weight for step in range(6)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] < 0.8 * weights[0]


def test_the_alerts_of_one_event_that_always_come_together_say_little_more_than_one() -> None:
    log_in = ("session opened", "authenticated", "credentials", "shell")
    together, apart = learned(), learned()
    for step, name in enumerate(log_in):
        run(together, alert(80 + step / 3600, name, "a"))
        run(apart, alert(80 + step / 30, name, "a"))
    said = []
    for watch in (together, apart):
        outcries = run(watch, *(alert(90 + step / 3600, name, "b") for step, name in enumerate(log_in)))
        said.append({part.alert.name: part.weight for outcry in outcries for part in outcry.parts})
    assert said[0][log_in[0]] == pytest.approx(said[1][log_in[0]], rel=0.1)
    followers = (said[0].keys() & said[1].keys()) - {log_in[0]}
    assert followers
    assert all(said[0][name] < 0.5 * said[1][name] for name in followers)


def test_a_new_tool_is_learned_for_a_day_and_no_outcry() -> None:
    watch, tool = learned(), Segment("", "wazuh", "")
    news = [alert(72.0 + 0.1 * step, f"kind {step}", "db", 3, tool) for step in range(10)]
    assert run(watch, *news) == []
    assert len(run(watch, alert(97, "kind 99", "db", 3, tool))) == 1


@pytest.mark.parametrize(("urgency", "calls"), [(0, False), (1, False), (2, True), (3, True)])
def test_one_alert_that_the_site_never_had_calls_if_it_is_urgent(urgency: int, calls: bool) -> None:
    assert bool(run(learned(), alert(72, "escape", urgency=urgency))) == calls


@pytest.mark.parametrize(("urgency", "calls"), [(1, False), (2, True)])
def test_so_does_one_that_only_its_host_never_had(urgency: int, calls: bool) -> None:
    assert bool(run(learned(), alert(72, "usual", "db", urgency))) == calls


def test_what_another_environment_has_is_new_here() -> None:
    watch = learned()
    run(watch, *(alert(hour, "staged", segment=Segment("staging", "falco", "")) for hour in range(72, 100)))
    assert len(run(watch, alert(100, "staged", urgency=2))) == 1


def test_of_more_than_are_bearable_only_those_that_outweigh_the_least_are_told() -> None:
    watch = learned(bearable=3 / 28)
    single = [alert(72 + 3 * step, f"kind {step}", urgency=2) for step in range(6)]
    assert [outcry.parts[0].alert.name for outcry in run(watch, *single)] == ["kind 0", "kind 1", "kind 2"]
    assert len(run(watch, alert(100, "worse", urgency=3))) == 1
    assert run(watch, alert(104, "as ever", urgency=2)) == []
    assert len(run(watch, alert(100 + 29 * 24, "a month later", urgency=2))) == 1


def test_it_goes_on_after_a_restart_as_if_there_had_been_none() -> None:
    first, second = learned(), AlertWatch(10.0)
    run(first, alert(72.1, "a"))
    second.restore(decode(encode(first.snapshot())))
    assert encode(second.snapshot()) == encode(first.snapshot())
    after = [alert(72.2 + 0.1 * step, name) for step, name in enumerate(("b", "c", "d"))]
    told = run(first, *after)
    assert told
    assert run(second, *after) == told


def test_a_state_of_another_version_is_refused() -> None:
    with pytest.raises(StateCorrupt, match="version 9, expected 1"):
        AlertWatch(1.0).restore({"version": 9})


def test_what_is_remembered_is_bounded_and_what_comes_again_stays_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 20)
    watch = learned()
    for hour in range(200):
        run(watch, alert(72 + hour, "usual"), alert(72 + hour, f"once {hour}", urgency=0))
        assert len(watch.snapshot()["pairs"]) <= 20
        assert len(watch.snapshot()["names"]) <= 20
    assert watch.forgotten > 150
    (outcry,) = run(watch, alert(300, "usual", "db", 3))
    assert outcry.parts[-1].days > 5
