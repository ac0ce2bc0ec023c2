"""What the shop's stories leave out, through the whole path: a counter that starts again, a mass transfer, a flood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import numpy as np
import orjson
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE
from tests.scenario.story import DAY, END, KEY, Learned, Shop, Story, play, shard

from vedette.assembly import make_entry
from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.decode.metrics import decode_metrics
from vedette.privacy.pseudonym import Pseudonyms
from vedette.records.batch import Decoded, SafeBatch
from vedette.records.document import Document
from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.dataset import surge

AT = END - 3600.0
LEARNED = 1.5 * DAY


def entered(parts: Iterable[Decoded]) -> Iterator[SafeBatch]:
    """Yield what a decoder read, protected."""
    enter = make_entry(load(None), KEY)
    for decoded in parts:
        assert not decoded.dead
        yield from map(enter, decoded.batches)


def delay(incident: Document, at: float = AT) -> float:
    """Return the seconds from what happened to the beginning of the window that tells of it."""
    return from_rfc3339(incident["started_at"]) / SECOND - at


def counter(values: np.ndarray, first: float) -> Iterator[Decoded]:
    """Yield a cumulative sum a minute, an hour in each request."""
    for begin in range(0, len(values), 60):
        request = ExportMetricsServiceRequest()
        resource = request.resource_metrics.add()
        resource.resource.attributes.add(key="service.name").value.string_value = "mailer"
        metric = resource.scope_metrics.add().metrics.add(name="mails.sent")
        metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
        metric.sum.is_monotonic = True
        for minute in range(begin, min(begin + 60, len(values))):
            stamp = round((first + 60 * minute) * SECOND)
            metric.sum.data_points.add(time_unix_nano=stamp, as_int=int(values[minute]))
        yield decode_metrics(request.SerializeToString(), 0)


@pytest.mark.parametrize("stalls", [False, True])
def test_a_counter_that_starts_again_is_none_and_one_that_stands_still_is_one(stalls: bool) -> None:
    first = END - LEARNED
    steps = np.random.default_rng(2).poisson(300, round(LEARNED / 60))
    place = round((AT - first) / 60)
    if stalls:
        steps[place:] = 0
    totals = steps.cumsum()
    restarts = totals.copy()
    for again in (place - 600, place):
        restarts[again:] -= restarts[again - 1]
    assert restarts[place] < restarts[place - 1]
    fired = play(shard(), entered(counter(totals if stalls else restarts, first))).fired
    assert [round(delay(one) / 60) for one in fired] == ([0] if stalls else [])


def downloads(moved: bool) -> Iterator[tuple[float, bytes]]:
    """Yield an hour of a file server's log at a time; at last one address takes forty large files a minute."""
    rng = np.random.default_rng(4)
    clients = [f"198.51.100.{number}" for number in range(1, 60)]
    for begin in np.arange(END - LEARNED, END, 3600.0).tolist():
        count = rng.poisson(600)
        rows = [
            (begin + 3600 * share, clients[number], int(size))
            for share, number, size in zip(
                rng.random(count), rng.integers(0, len(clients), count), rng.lognormal(14.0, 0.5, count), strict=True
            )
        ]
        if moved and begin == AT:
            rows += [(AT + 1.5 * n, "203.0.113.66", int(2e7)) for n in range(800)]
        yield (
            begin,
            b"\n".join(
                orjson.dumps(
                    {
                        "time": datetime.fromtimestamp(moment, UTC).isoformat(),
                        "service.name": "transfer",
                        "http.request.method": "GET",
                        "url.path": f"/files/{1000 + n % 500}",
                        "http.response.status_code": 200,
                        "client.address": client,
                        "http.response.body.size": size,
                        "duration": 0.2,
                    }
                )
                for n, (moment, client, size) in enumerate(sorted(rows))
            ),
        )


@pytest.fixture(scope="module")
def transferred() -> dict[bool, Story]:
    def hours(moved: bool, last: bool) -> Iterator[SafeBatch]:
        return entered(read(body, 0) for begin, body in downloads(moved) if (begin == AT) is last)

    read = JsonLines().decode
    learned = Learned(hours(False, last=False))
    return {moved: learned.then(hours(moved, last=True)) for moved in (False, True)}


def test_a_day_and_a_half_of_downloads_are_none(transferred: dict[bool, Story]) -> None:
    assert [one["title"] for one in transferred[False].fired] == []


def test_a_mass_transfer_is_one_incident_that_names_the_address(transferred: dict[bool, Story]) -> None:
    (incident,) = transferred[True].fired
    assert 0 <= delay(incident) <= 60
    assert incident["entities"][0] == f"client {Pseudonyms(KEY).token('c', '203.0.113.66')}"
    features = [part["feature"] for part in incident["explanation"]["contributions"]]
    assert features[0] == "client_requests_max"
    assert {"requests", "response_bytes_mean"} < set(features)
    assert incident["kind"] == "security"


def test_a_flood_of_ordinary_requests_is_one_incident(shop: Shop) -> None:
    (incident,) = shop.then(surge(shop.rest(), 1.0, 12.0, 3, AT, AT + 600)).fired
    assert 0 <= delay(incident) <= 60
    assert incident["explanation"]["contributions"][0]["feature"] == "requests"
    assert (
        incident["explanation"]["contributions"][0]["actual"]
        > 5 * incident["explanation"]["contributions"][0]["expected"]
    )
