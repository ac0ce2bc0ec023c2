"""Fields that a mapping finds within a text, such as the address in a line of sshd."""

from __future__ import annotations

import pyarrow as pa
import pytest

from vedette.errors import ConfigError
from vedette.rules.flat import table_of
from vedette.rules.match import Matcher
from vedette.rules.model import RuleSet
from vedette.rules.routes import own_routes, routes_of

LINES = [
    "Failed password for invalid user admin from 203.0.113.7 port 4711 ssh2",
    "Failed password for root from 2001:db8::1 port 4711 ssh2",
    "Invalid user x from 203.0.113.7 port 1",
    "Server listening on 0.0.0.0 port 22.",
    None,
]


def mapping(origin: str) -> str:
    return f"routes:\n  - has: [a]\n    is: {{product: p}}\n    fields: {{b: {origin}}}\n"


def test_address_and_account_of_sshd_are_found_in_its_lines() -> None:
    matcher = Matcher(RuleSet(), own_routes())
    table = pa.table({"service.name": ["sshd"] * 5, "body": LINES})
    assert matcher.values(table, "client.address") == ["203.0.113.7", "2001:db8::1", "203.0.113.7", None, None]
    assert matcher.values(table, "user.id") == ["admin", "root", "x", None, None]


def test_what_the_sender_says_goes_before_what_is_found() -> None:
    matcher = Matcher(RuleSet(), own_routes())
    table = pa.table({"service.name": ["sshd"], "body": [LINES[0]], "client.address": ["192.0.2.1"]})
    assert matcher.values(table, "client.address") == ["192.0.2.1"]


def test_a_name_cannot_pass_for_an_address() -> None:
    """The name is the attacker's to choose; the address stands before the port."""
    matcher = Matcher(RuleSet(), own_routes())
    name = "a from 198.51.100.1 port 22 ssh2"
    body = f"Failed password for invalid user {name} from 203.0.113.7 port 4711 ssh2"
    table = table_of([{"service.name": "sshd", "body": body}])
    assert matcher.values(table, "client.address") == ["203.0.113.7"]
    assert matcher.values(table, "user.id") == [name]


@pytest.mark.parametrize("pattern", ["no group", "("])
def test_an_expression_that_finds_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigError, match="route 0"):
        routes_of({"m.yaml": mapping(f"{{join: [a], find: '{pattern}'}}")})


def test_an_unknown_key_of_an_origin_is_named() -> None:
    with pytest.raises(ConfigError, match="got join, search, expected join, decoded and find"):
        routes_of({"m.yaml": mapping("{join: [a], search: x}")})
