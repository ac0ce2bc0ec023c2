"""What people read of a finding: a headline, a line and what would have had to differ."""

from math import nan

import pytest
from tests.unit.decision.test_lifecycle import CHECKOUT, finding

from vedette.decision.sentence import counterfactual, place_of, text, title
from vedette.records.call import Call, way
from vedette.records.segment import Segment

PLACE = "POST /checkout"


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({}, f"{PLACE}: p95 latency is 5.3× the expected value"),
        ({"feature": "requests", "unit": "{request}"}, f"{PLACE}: requests are 5.3× the expected value"),
        ({"feature": "error_ratio", "unit": "1", "actual": 0.06}, f"{PLACE}: share of server errors is 6 %"),
        ({"feature": "metric: queue depth", "unit": ""}, f"{PLACE}: queue depth is 5.3× the expected value"),
        ({"feature": "template", "item": "x"}, f"{PLACE}: a new kind of log line"),
        ({"feature": "template_lines: hello *", "actual": 0.0}, f"{PLACE}: a log line no longer comes, “hello *”"),
        ({"feature": "template_lines: hello *"}, f"{PLACE}: 5.3× the usual number of a log line"),
        ({"feature": "log_value", "item": "v"}, f"{PLACE}: a log line with a value not seen before, “v”"),
        ({"feature": "rule", "item": "Card testing"}, f"{PLACE}: Card testing"),
        ({"feature": "client", "item": "c_1"}, f"{PLACE}: an address not seen before, c_1"),
        ({"feature": "callee", "item": "stock"}, f"{PLACE} calls a service that it did not call before, stock"),
        ({"feature": "alert: h1", "item": "Virus", "expected": 0.0}, "h1: alert “Virus” never came before"),
        ({"feature": "alert: h1", "item": "Virus", "expected": 0.1}, "h1: alert “Virus” is rare here"),
        ({"feature": "user_day: a host not used before", "item": "h2"}, f"{PLACE}: a host not used before, h2"),
        (
            {"feature": "user_day: events", "actual": 900.0, "upper": 50.0, "unit": "{event}"},
            f"{PLACE}: 900 events, where 50 are the most to expect",
        ),
        (
            {"feature": "request_shape", "item": "coupon:str:adx"},
            f"{PLACE}: requests are built in a way not seen before (coupon is text of letters, digits, punctuation)",
        ),
        (
            {"feature": "together: cpu", "actual": 80.0, "unit": ""},
            f"{PLACE}: cpu of 80 does not go with other numbers",
        ),
    ],
)
def test_each_sort_of_finding_has_its_headline(changes: dict[str, object], headline: str) -> None:
    assert title(finding(0, **changes)) == headline


def test_a_number_is_told_beside_what_it_normally_is() -> None:
    assert text(finding(0)) == "p95 latency 1.84 s, normally 290–405 ms"
    assert text(finding(0, told="as the detector says")) == "as the detector says"


def test_what_would_have_had_to_differ_depends_on_the_side() -> None:
    assert counterfactual(finding(0, counterfactual=0.5)) == "would not have fired if ≤ 500 ms"
    assert counterfactual(finding(0, actual=0.1, counterfactual=0.2)) == "would not have fired if ≥ 200 ms"
    assert counterfactual(finding(0, counterfactual=nan)) == "counts together with the other reasons"
    assert counterfactual(finding(0, feature="client", item="c_1")) == "would not have fired without this"


def test_a_place_is_its_route_its_service_or_everything() -> None:
    assert place_of(CHECKOUT) == PLACE
    assert place_of(Segment("", "web", "")) == "web"
    assert place_of(Segment("", "", "")) == "all services"
    call = way(Call(Segment("", "web", ""), Segment("", "stock", "")))
    assert place_of(call) == "web → stock"
