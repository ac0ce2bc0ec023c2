from pathlib import Path
from typing import Any

import pytest

from vedette.engine.silences import Matcher, Silence, Silences
from vedette.errors import BadInput
from vedette.store.database import open_database
from vedette.store.settings import Settings

HOUR = 3_600_000_000_000
INCIDENT: dict[str, Any] = {
    "id": "i1",
    "segment": "shop GET /",
    "segment_parts": {"service": "shop"},
    "kind": "performance",
    "severity": "high",
}


class Clock:
    now = 10 * HOUR

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(open_database(f"sqlite:///{tmp_path / 'v.db'}"))


def silence(*matchers: Matcher, start: int = 10 * HOUR, end: int = 12 * HOUR, identity: str = "") -> Silence:
    return Silence(identity, matchers, start, end, "ann", "deploying")


def test_it_keeps_quiet_from_its_beginning_to_its_end_and_outlives_a_restart(settings: Settings, clock: Clock) -> None:
    silences = Silences(settings, clock)
    silences.add(silence(Matcher("service", "shop"), start=11 * HOUR))
    again = Silences(settings, clock)
    assert [again.quiet(INCIDENT, hour * HOUR) for hour in (10, 11, 12)] == [False, True, False]
    assert [one["status"]["state"] for one in again.all()] == ["pending"]
    clock.now = 13 * HOUR
    assert [one["status"]["state"] for one in again.all()] == ["expired"]


@pytest.mark.parametrize(
    ("matchers", "quiet"),
    [
        ([Matcher("service", "shop"), Matcher("severity", "high")], True),
        ([Matcher("service", "shop"), Matcher("severity", "low")], False),
        ([Matcher("segment", "shop .*", isRegex=True)], True),
        ([Matcher("segment", "shop", isRegex=True)], False),
        ([Matcher("service", "shop"), Matcher("kind", "security", isEqual=False)], True),
        ([Matcher("service", "sh.*", isRegex=True), Matcher("kind", "perf.*", True, False)], False),
    ],
)
def test_every_matcher_must_fit_as_in_alertmanager(
    settings: Settings, clock: Clock, matchers: list[Matcher], quiet: bool
) -> None:
    silences = Silences(settings, clock)
    silences.add(silence(*matchers))
    assert silences.quiet(INCIDENT, clock.now) == quiet


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (silence(Matcher("service", "shop"), end=9 * HOUR), "expected an end after the beginning"),
        (silence(Matcher("service", "(", isRegex=True)), "expected a regular expression"),
        (silence(Matcher("service", ".*", isRegex=True)), "got none that needs a label"),
        (silence(Matcher("service", "shop"), identity="what"), "got 'what'"),
    ],
)
def test_what_cannot_be_is_refused_in_words(settings: Settings, clock: Clock, wrong: Silence, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        Silences(settings, clock).add(wrong)
    assert words in str(refused.value)


def test_it_is_ended_once_and_can_be_made_longer(settings: Settings, clock: Clock) -> None:
    silences = Silences(settings, clock)
    name = silences.add(silence(Matcher("service", "shop")))
    assert silences.add(silence(Matcher("service", "shop"), end=20 * HOUR, identity=name)) == name
    assert silences.quiet(INCIDENT, 15 * HOUR)
    assert (silences.end(name), silences.end(name), silences.end("other")) == (True, False, False)
    assert not silences.quiet(INCIDENT, clock.now)
