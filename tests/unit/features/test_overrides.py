"""Overrides on the way through the features room: renamed, ignored, and with few routes of their own."""

from __future__ import annotations

import pyarrow as pa
import pytest

from vedette.features import overrides
from vedette.features.extract import Extractor
from vedette.features.overrides import Overrides
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.records.override import Override
from vedette.records.schema import LABEL, Signal
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.codec import decode, encode

SAID = (
    Override("checkout-*", name="checkout", routes=1),
    Override("load*", "staging", ignore=True),
    Override("legacy", routes=0),
)


def extractor() -> Extractor:
    return Extractor(60 * SECOND, 5 * SECOND, 100, 100, overrides=SAID)


def requests(*rows: tuple[str, str, str], at: int = 0) -> SafeBatch:
    """Return requests of ``(environment, service, route)``."""
    environment, service, route = zip(*rows, strict=True)
    count = len(rows)
    columns = {
        schema.TIME: pa.array([(at * 60 + number) * SECOND for number in range(count)]).cast(schema.TIME_TYPE),
        schema.ENVIRONMENT: pa.array(environment).cast(LABEL),
        schema.SERVICE: pa.array(service).cast(LABEL),
        schema.METHOD: pa.array(["GET"] * count).cast(LABEL),
        schema.ROUTE: pa.array(route).cast(LABEL),
        schema.STATUS: pa.array([200] * count, pa.int16()),
    }
    return SafeBatch(Signal.LOG, pa.RecordBatch.from_pydict(columns))


def watched(model: Extractor, *batches: SafeBatch) -> dict[str, float]:
    """Return the number of requests by segment, summed over all windows."""
    found: dict[str, float] = {}
    windows = [*model.step(batches), *model.flush()]
    for window in windows:
        for slot, value in zip(window.measures.slot.tolist(), window.measures.value.tolist(), strict=True):
            series = model.series.keys[slot]
            if series.feature == "requests":
                found[str(series.segment)] = found.get(str(series.segment), 0.0) + value
    return found


def test_pods_are_one_workload_and_its_second_route_is_part_of_it() -> None:
    rows = [("prod", f"checkout-{pod}", route) for pod in ("7d9f8-x2", "7d9f8-k4") for route in ("/pay", "/status")]
    assert watched(extractor(), requests(*rows)) == {"prod/checkout": 4.0, "prod/checkout GET /pay": 2.0}


def test_what_is_ignored_is_ignored_in_its_environment_only() -> None:
    rows = [("staging", "loadtest", "/"), ("prod", "loadtest", "/")]
    assert watched(extractor(), requests(*rows)) == {"prod/loadtest": 1.0, "prod/loadtest GET /": 1.0}


def test_no_routes_leave_the_service_as_a_whole() -> None:
    assert watched(extractor(), requests(("", "legacy", "/a"), ("", "legacy", "/b"))) == {"legacy": 2.0}


def test_a_restored_extractor_opens_no_more_routes() -> None:
    model, other = extractor(), extractor()
    watched(model, requests(("", "checkout-1", "/pay")))
    other.restore(decode(encode(model.snapshot())))
    found = watched(other, requests(("", "checkout-2", "/status"), ("", "checkout-2", "/pay"), at=5))
    assert found == {"checkout": 2.0, "checkout GET /pay": 1.0}


def test_the_first_that_matches_holds_and_many_names_take_little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overrides, "MOST_KNOWN", 10)
    made = Overrides((Override("a*", name="one"), Override("ab*", name="two")))
    for number in range(100):
        assert made.segment("", f"ab{number}") == Segment("", "one", "")
    assert len(made._known) <= 10
    assert made.segment("", "b") == Segment("", "b", "")
