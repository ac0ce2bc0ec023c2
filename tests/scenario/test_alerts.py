"""Alerts of other tools: what always comes is normal, a flood of it and what never came are not."""

import json
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest
from tests.scenario.story import END, KEY, Learned, Story
from tests.unit.decode.test_alerts import SSH

from vedette.assembly import make_entry, make_shard
from vedette.config.load import load
from vedette.decode.alerts import decode_alertmanager, decode_crowdsec
from vedette.records.batch import Decoded, SafeBatch
from vedette.records.time import SECOND, from_rfc3339

DAYS = 4
NEWS_AT = END - 3600

Payload = Callable[[str, int], Decoded]


def of_alertmanager(name: str, moment: int) -> Decoded:
    labels = {"alertname": name, "service": "shop", "severity": "warning", "instance": "10.0.0.5:9100"}
    return decode_alertmanager(
        json.dumps({"alerts": [{"status": "firing", "labels": labels, "startsAt": "x"}]}).encode(), moment
    )


def of_crowdsec(name: str, moment: int) -> Decoded:
    address = f"203.0.113.{moment // SECOND % 250}"
    changed = {**SSH, "scenario": name, "source": {"scope": "Ip", "ip": address}, "stop_at": "", "start_at": ""}
    return decode_crowdsec(json.dumps([changed]).encode(), moment)


def usual(names: tuple[str, ...]) -> list[tuple[int, str]]:
    """Return when which of some alerts comes: each about twice an hour."""
    rng, count = np.random.default_rng(4), DAYS * 48 * len(names)
    moments = np.sort(rng.integers((END - DAYS * 86_400) * SECOND, END * SECOND, count)).tolist()
    return list(zip(moments, rng.choice(names, count).tolist(), strict=True))


def safe(read: Payload, alerts: list[tuple[int, str]]) -> Iterator[SafeBatch]:
    enter = make_entry(load(None), KEY)
    for moment, name in sorted(alerts):
        yield from (enter(batch) for batch in read(name, moment).batches)


@cache
def learned(read: Payload, names: tuple[str, ...]) -> Learned:
    """Return what is learned of what always comes, until there is news."""
    past = [one for one in usual(names) if one[0] < NEWS_AT * SECOND]
    return Learned(safe(read, past), lambda: make_shard(load(None)))


def told(read: Payload, names: tuple[str, ...], news: list[tuple[int, str]]) -> Story:
    rest = [one for one in usual(names) if one[0] >= NEWS_AT * SECOND]
    return learned(read, names).then(safe(read, [*rest, *news]))


TOOLS = [
    (of_alertmanager, ("HighLatency", "DiskFillingUp", "PodRestarted"), "DatabaseCorrupted"),
    (of_crowdsec, ("crowdsecurity/ssh-bf", "crowdsecurity/http-probing"), "crowdsecurity/http-backdoors-attempts"),
]


@pytest.mark.parametrize(("read", "names", "news"), TOOLS, ids=["alertmanager", "crowdsec"])
def test_what_always_comes_calls_nobody(read: Payload, names: tuple[str, ...], news: str) -> None:
    assert [one["title"] for one in told(read, names, []).fired] == []


@pytest.mark.parametrize(("read", "names", "news"), TOOLS, ids=["alertmanager", "crowdsec"])
def test_a_burst_of_an_alert_that_never_came_is_one_incident_that_names_it(
    read: Payload, names: tuple[str, ...], news: str
) -> None:
    burst = [((NEWS_AT + second) * SECOND, news) for second in range(0, 200, 10)]
    (incident,) = told(read, names, burst).fired
    assert 0 <= from_rfc3339(incident["started_at"]) / SECOND - NEWS_AT <= 180
    assert news in incident["explanation"]["sentence"]


@pytest.mark.parametrize(("read", "names", "news"), TOOLS, ids=["alertmanager", "crowdsec"])
def test_a_flood_of_what_is_usual_is_one_incident(read: Payload, names: tuple[str, ...], news: str) -> None:
    flood = [((NEWS_AT + second) * SECOND, names[0]) for second in range(0, 300, 3)]
    (incident,) = told(read, names, flood).fired
    assert 0 <= from_rfc3339(incident["started_at"]) / SECOND - NEWS_AT <= 180
