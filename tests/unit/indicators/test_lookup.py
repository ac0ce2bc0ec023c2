"""Events that hold what is listed are marked, wherever it stands, and no others."""

import orjson
import pytest
from tests.unit.indicators.made import feed, index, indicator

from vedette.decode.access import AccessLog
from vedette.decode.json_lines import JsonLines
from vedette.decode.text import TextLines
from vedette.indicators.index import Index
from vedette.indicators.lookup import Lookup
from vedette.indicators.model import Indicator, Kind, mark_of
from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy
from vedette.records import schema
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.time import SECOND, from_rfc3339
from vedette.rules.model import RuleSet
from vedette.rules.parse import parse

DAY = 86_400 * SECOND
NOON = from_rfc3339("2026-01-01T12:00:00Z")
INDEX = index(
    indicator("192.0.2.7"),
    indicator("198.51.100.0/24"),
    indicator("bad.example"),
    indicator("http://bad.example/a?b=1&c=2"),
    indicator("d41d8cd98f00b204e9800998ecf8427e"),
    Indicator(Kind.AGENT, "evil/1.0"),
    Indicator(Kind.PROCESS, "evil.exe"),
)


def batch(*events: dict[str, object]) -> RawBatch:
    lines = [orjson.dumps({"@timestamp": "2026-01-01T12:00:00Z", "service": "shop", **event}) for event in events]
    return JsonLines().decode(b"\n".join(lines) + b"\n", 0).batches[0]


def marked(batch: RawBatch | SafeBatch, of: Index = INDEX) -> list[list[str]]:
    if schema.RULES not in batch.columns.schema.names:
        return [[]] * len(batch)
    found = [(text or "").split() for text in batch.columns.column(schema.RULES).to_pylist()]
    return [[one.value for mark in marks if (one := of.found(mark))] for marks in found]


@pytest.mark.parametrize(
    ("event", "value"),
    [
        ({"client.address": "192.0.2.7"}, "192.0.2.7"),
        ({"message": "connection from 198.51.100.9:4444 refused"}, "198.51.100.0/24"),
        ({"destination": {"ip": "198.51.100.255"}}, "198.51.100.0/24"),
        ({"dns": {"question": "c2.BAD.example."}}, "bad.example"),
        ({"hashes": "MD5=D41D8CD98F00B204E9800998ECF8427E,SHA1=x"}, "d41d8cd98f00b204e9800998ecf8427e"),
        ({"user_agent.original": "Evil/1.0"}, "evil/1.0"),
        ({"user_agent.original": "${jndi:ldap://bad.example/x}"}, "bad.example"),
        ({"process.executable.name": "C:\\Temp\\EVIL.exe"}, "evil.exe"),
        ({"path": "/x", "url.query": "u=http%3A%2F%2Fbad.example%2Fb"}, "bad.example"),
    ],
)
def test_it_is_found_wherever_it_stands(event: dict[str, object], value: str) -> None:
    found = marked(Lookup(INDEX)(batch({"message": "a"}, event, {"message": "192.0.2.70 notbad.example"})))
    assert found == [[], [value], []]


def test_a_url_is_found_as_its_domain_too_and_whatever_an_ampersand_is_written_as() -> None:
    lines = b'{"@timestamp":"2026-01-01T12:00:00Z","u":"http://bad.example/a?b=1\\u0026c=2"}\n'
    assert marked(Lookup(INDEX)(JsonLines().decode(lines, 0).batches[0])) == [
        ["bad.example", "http://bad.example/a?b=1&c=2"]
    ]


def test_access_logs_and_plain_lines_are_read_too() -> None:
    access = b'192.0.2.7 - - [01/Jan/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "Evil/1.0"\n'
    assert marked(Lookup(INDEX)(AccessLog("shop").decode(access, 0).batches[0])) == [["192.0.2.7", "evil/1.0"]]
    assert marked(Lookup(INDEX)(TextLines("shop").decode(b"got 192.0.2.7\nnothing\n", NOON).batches[0])) == [
        ["192.0.2.7"],
        [],
    ]


def test_a_batch_without_finds_is_handed_on_as_it_came() -> None:
    given = batch({"message": "a"})
    assert Lookup(INDEX)(given) is given
    assert Lookup(index())(given) is given


def test_validity_is_a_matter_of_the_events_time() -> None:
    listed = index(
        indicator("192.0.2.7", since=NOON - DAY, until=NOON),
        indicator("192.0.2.8", since=NOON, until=NOON + 1),
        indicator("192.0.2.9", since=NOON + 1),
        indicator("192.0.2.0/24", level="low"),
    )
    found = marked(Lookup(listed)(batch(*({"client.address": f"192.0.2.{n}"} for n in (7, 8, 9)))), listed)
    assert [sorted(one) for one in found] == [["192.0.2.0/24"], ["192.0.2.0/24", "192.0.2.8"], ["192.0.2.0/24"]]


def test_what_several_lists_name_is_marked_for_each() -> None:
    both = Index([feed([indicator("bad.example")], "a"), feed([indicator("bad.example")], "b")])
    (row,) = Lookup(both)(batch({"message": "bad.example"})).columns.column(schema.RULES).to_pylist()
    assert {both.found(mark).feed for mark in row.split()} == {"a", "b"}


def test_marks_stand_beside_those_of_rules_and_pass_the_gate_and_values_do_not() -> None:
    from vedette.rules.mark import Marker

    rules: RuleSet = parse(
        {
            "r.yml": "title: T\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {category: webserver}\n"
            "detection: {s: {cs-uri-stem: /a}, condition: s}\n"
        }
    )
    given = batch({"path": "/a", "status": 200, "client.address": "192.0.2.7"})
    safe = Gate(Policy.default(), bytes(32)).protect(Lookup(INDEX)(Marker(rules)(given)))
    (row,) = safe.columns.column(schema.RULES).to_pylist()
    assert row.split()[0] == "11111111-1111-4111-8111-111111111111"
    assert marked(safe) == [["192.0.2.7"]]
    assert "192.0.2.7" not in str(safe.columns.to_pydict())


def test_a_flood_is_marked_row_by_row_and_takes_more_than_one_call_of_the_kernel() -> None:
    text = " ".join(f"192.0.2.7 198.51.100.{n}" for n in range(256))
    found = marked(Lookup(INDEX)(batch(*({"message": f"{n} {text}"} for n in range(60)))))
    assert found == [["192.0.2.7", "198.51.100.0/24"]] * 60


def test_a_mark_that_is_in_no_list_is_nobodys() -> None:
    assert INDEX.found(mark_of(bytes(16))) is None
    assert index().found(mark_of(bytes(16))) is None
    for entry in range(len(INDEX)):
        assert INDEX.found(INDEX.mark(entry)) == INDEX.indicator(entry)
