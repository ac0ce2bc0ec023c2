"""Which of an episode's findings come first."""

from dataclasses import replace

from tests.unit.decision.test_lifecycle import CHECKOUT, LOGIN, SERVICE, finding

from vedette.decision.ranking import MAX_WEIGHT, lead, ranked, severity, weight
from vedette.records.incident import Severity


def test_a_chance_of_nothing_weighs_no_more_than_the_most() -> None:
    assert weight(finding(0, p_value=1e-12)) == 12.0
    assert weight(finding(0, p_value=0.0)) == MAX_WEIGHT


def test_a_total_gives_way_to_the_route_whose_number_it_contains() -> None:
    total, own, other = finding(0, SERVICE, 1e-20), finding(0, CHECKOUT, 1e-12), finding(0, LOGIN, 1e-13)
    assert ranked([total, own, other]) == [other, own]
    assert ranked([total]) == [total]


def test_clients_follow_requests_that_are_about_as_odd_and_lead_where_they_are_odder() -> None:
    requests, latency = finding(0, p_value=1e-10, feature="requests"), finding(0, p_value=1e-10 / 2)
    clients = replace(requests, feature="clients", p_value=1e-11)
    assert ranked([clients, latency, requests]) == [latency, requests, clients]
    assert ranked([replace(clients, p_value=1e-20), requests])[0].feature == "clients"


def test_what_is_new_makes_the_headline_from_half_the_weight_on() -> None:
    number, new = finding(0, p_value=1e-20), finding(0, p_value=1e-10, feature="template", item="a line")
    assert lead([number, new]) == new
    assert lead([number, replace(new, p_value=1e-9)]) == number


def test_severity_changes_at_its_levels() -> None:
    steps = (0.0, 49.9, 50.0, 70.0, 90.0)
    expected = [Severity.LOW, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]
    assert [severity(points) for points in steps] == expected
