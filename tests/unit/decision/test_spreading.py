"""Findings of services that call each other are one incident, and the suspect stays with it."""

from dataclasses import replace

import numpy as np
from tests.unit.decision.test_lifecycle import MINUTE, finding, window

from vedette.decision.correlate import CASCADE
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.records.call import Call
from vedette.records.document import from_document, to_document
from vedette.records.feature import CATALOG
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident
from vedette.records.observation import Measures
from vedette.records.score import Scores, State
from vedette.records.segment import Segment

CART, ORDERS, STOCK, MAIL = (Segment("", name, "") for name in ("cart", "orders", "stock", "mail"))
QUERY = Segment("", "stock", "SELECT stock")


def life(calls: tuple[Call, ...] = (Call(CART, STOCK), Call(ORDERS, STOCK))) -> Lifecycle:
    found = Lifecycle(Rules(5 * MINUTE))
    found.step(replace(window(0), calls=calls), [])
    return found


def told(model: Lifecycle, minute: int, *findings: Finding) -> dict[str, Incident]:
    return {one.id: one for one in model.step(window(minute), findings)}


def test_callers_of_one_service_are_one_incident_and_strangers_are_their_own() -> None:
    found = told(life(), 1, finding(1, CART), finding(1, ORDERS), finding(1, MAIL))
    assert sorted(len(one.finding_ids) for one in found.values()) == [1, 2]
    assert len(told(life(()), 1, finding(1, CART), finding(1, ORDERS))) == 2


def test_what_begins_later_is_an_incident_of_its_own_but_a_service_of_the_incident_stays() -> None:
    model = life()
    (first,) = told(model, 1, finding(1, CART))
    assert list(told(model, CASCADE, finding(CASCADE, CART), finding(CASCADE, ORDERS))) == [first]
    late = told(model, CASCADE + 2, *(finding(CASCADE + 2, one) for one in (CART, ORDERS, STOCK)))
    assert first in late
    assert len(late) == 2


def test_security_does_not_spread() -> None:
    assert len(told(life(), 1, finding(1, CART), finding(1, STOCK, kind=Kind.SECURITY))) == 2
    assert len(told(life(), 1, finding(1, CART, kind=Kind.SECURITY), finding(1, STOCK))) == 2


def suspect(model: Lifecycle, minute: int) -> None:
    model.suspicion.grow([CATALOG["own_time_p50_seconds"].series(QUERY)] if minute == 1 else [])
    slot, one = np.zeros(1, np.int32), np.ones(1)
    measures = Measures(minute * MINUTE, MINUTE, slot, 0.8 * one, 9.0 * one)
    ready = np.full(1, State.READY, np.int8)
    model.suspicion.weigh(measures, Scores(ready, 9.0 * one, 0.1 * one, 0.05 * one, 0.2 * one, 0.0 * one))


def test_the_suspect_makes_the_headline_survives_a_restart_and_the_end_of_the_evidence() -> None:
    model = life()
    for minute in (1, 2):
        suspect(model, minute)
        found = told(model, minute, finding(minute, CART))
    (incident,) = found.values()
    assert incident.title == "cart is slow because it waits for stock"
    assert incident.explanation.sentence.startswith("cart is slow because it waits for stock: median own time of stock")
    assert [one.segment for one in incident.explanation.suspects] == [STOCK]
    assert to_document(from_document(to_document(incident))) == to_document(incident)
    again = Lifecycle(Rules(5 * MINUTE))
    again.restore(model.snapshot(), [CATALOG["own_time_p50_seconds"].series(QUERY)])
    assert told(again, 3, finding(3, CART)) == told(model, 3, finding(3, CART))
    (last,) = told(again, 40).values()
    assert (last.title, last.ended_at) == (incident.title, 4 * MINUTE)


def test_another_route_joins_as_long_as_trouble_of_another_service_does() -> None:
    list_, pay = (Segment("", "cart", name) for name in ("GET /cart", "POST /pay"))
    model = life()
    (first,) = told(model, 1, finding(1, list_), finding(1, QUERY))
    assert list(told(model, CASCADE, finding(CASCADE, pay))) == [first]
    alone = life()
    told(alone, 1, finding(1, list_))
    assert len(told(alone, CASCADE, finding(CASCADE, pay))) == 2
