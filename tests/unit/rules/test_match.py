import re

import pyarrow as pa
import pytest
from tests.unit.rules.written import rule, rules_of

from vedette.errors import ConfigError
from vedette.rules.flat import table_of
from vedette.rules.guards import guard_of
from vedette.rules.match import Matcher
from vedette.rules.routes import own_routes, routes_of

WINDOWS = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1}


def matched(detection, events, **more) -> list[int]:
    """Return the rows in which a rule of process creation matches."""
    source = {"logsource": {"product": "windows", "category": "process_creation"}}
    rules = rules_of(rule(1, detection, **{**source, **more}))
    return Matcher(rules).match(table_of([{**WINDOWS, **event} for event in events])).rows.tolist()


@pytest.mark.parametrize(
    ("test", "hit", "miss"),
    [
        ({"Image|endswith": "\\CMD.exe"}, "C:\\cmd.EXE", "C:\\cmd.exe.txt"),
        ({"Image|contains|cased": "Cmd"}, "xCmdx", "xcmdx"),
        ({"Image": "a*b?c"}, "aXXbYc", "aXXbc"),
        ({"Image|cidr": "10.0.0.0/8"}, "10.200.0.1", "11.0.0.1"),
        ({"Image|cidr": "2001:db8::/32"}, "2001:db8::7", "2001:db9::7"),
        ({"Image|gte": 5}, "5.0", "4.99"),
        ({"Image|lt": 5}, "-3", "none"),
        ({"Image|re": "^[a-f]{3}$"}, "abc", "abcd"),
        ({"Image|re|i": "^X+$"}, "xx", "xy"),
        ({"Image|base64offset|contains": "/bin/bash"}, "xx L2Jpbi9iYXNo", "/bin/bash"),
        ({"Image|utf16le|base64offset|contains": "ping"}, "xxcABpAG4AZwB", "ping"),
        ({"Image|windash|contains": " -enc"}, "p /enc x", "p enc x"),
        ({"Image": ""}, "", "x"),
        ({"Image|contains": "é"}, "CAFÉ", "CAFE"),
        ({"Image|hour": 3}, "2025-01-01T03:59:00Z", "2025-01-01T04:00:00Z"),
    ],
)
def test_every_modifier_hits_and_misses(test, hit: str, miss: str) -> None:
    assert matched({"one": test}, [{"Image": miss}, {"Image": hit}]) == [1]


def test_null_is_a_missing_field_and_exists_one_that_is_there() -> None:
    events = [{"Image": "x"}, {}, {"Image": None}]
    assert matched({"one": {"Image": None}}, events) == [1, 2]
    assert matched({"one": {"Image|exists": True}}, events) == [0]


def test_a_field_can_be_compared_with_another() -> None:
    events = [{"Image": "A", "ParentImage": "a"}, {"Image": "a", "ParentImage": "b"}, {"Image": "a"}]
    assert matched({"one": {"Image|fieldref": "ParentImage"}}, events) == [0]


def test_keywords_are_looked_for_in_every_field_and_not_across_two() -> None:
    events = [{"a": "has MIMIKATZ in it"}, {"a": "mimi", "b": "katz"}, {"c": {"d": ["x", "mimikatz"]}}]
    assert matched({"one": ["mimikatz"]}, events) == [0, 2]
    assert matched({"one": ["mimi*in"]}, events) == [0]


def test_any_item_of_a_list_matches_and_none_of_it_is_needed_for_not() -> None:
    events = [{"x": ["a", "b"]}, {"x": ["b"]}, {"x": "a"}]
    assert matched({"one": {"x": "a"}}, events) == [0, 2]
    assert matched({"one": {"x": "a"}, "condition": "not one"}, events) == [1]


def test_a_list_of_thousands_of_values_finds_the_last() -> None:
    values = [f"value{number:05d}" for number in range(4500)]
    assert matched({"one": {"x|contains": values}}, [{"x": "a value04499 b"}, {"x": "value99999"}]) == [0]


def test_conditions_without_anything_that_must_be_true_are_looked_at_for_every_event() -> None:
    events = [{"Image": "a"}, {"Image": "b"}, {}]
    assert matched({"one": {"Image": "a"}, "condition": "not one"}, events) == [1, 2]


def test_matches_do_not_depend_on_the_rows_beside_them() -> None:
    events = [{"Image": f"C:\\{name}.exe", "n": number} for number, name in enumerate(["cmd", "x", "cmd", "é"] * 30)]
    rules = rules_of(
        rule(
            1,
            {"one": {"Image|endswith": "cmd.exe", "n|re": "[05]$"}},
            logsource={"product": "windows", "category": "process_creation"},
        ),
        rule(2, {"one": {"Image|contains": "É"}}, logsource={"product": "windows", "service": "sysmon"}),
    )
    table = table_of([{**WINDOWS, **event} for event in events])
    whole = Matcher(rules).match(table).by_row()
    single = Matcher(rules)
    assert whole == [single.match(table.slice(row, 1)).by_row()[0] for row in range(len(events))]
    assert whole[:4] == [[0], [], [], [1]]


def test_choosing_guards_again_changes_nothing() -> None:
    rules = rules_of(rule(1, {"one": {"cs-method": "GET", "cs-uri|contains": "/x"}}))
    table = pa.table(
        {"cs-method": ["GET"] * 6000, "cs-uri": [f"/{number % 7}/x" if number % 3 else "/" for number in range(6000)]}
    )
    matcher = Matcher(rules)
    first, second = matcher.match(table), matcher.match(table)
    assert first.rows.tolist() == second.rows.tolist() == [number for number in range(6000) if number % 3]


def test_rules_are_for_their_own_log_source_only() -> None:
    rules = rules_of(rule(1, {"one": {"Image": "a"}}, logsource={"product": "linux", "category": "process_creation"}))
    assert Matcher(rules).match(table_of([{**WINDOWS, "Image": "a"}])).rows.tolist() == []


def test_audited_processes_are_matched_under_sysmons_names() -> None:
    event = {"Channel": "Security", "EventID": "4688", "NewProcessName": "C:\\x\\cmd.exe"}
    rules = rules_of(
        rule(
            1,
            {"one": {"Image|endswith": "\\cmd.exe"}},
            logsource={"product": "windows", "category": "process_creation"},
        )
    )
    assert Matcher(rules).match(table_of([event])).by_row() == [[0]]


def test_canonical_names_of_requests_are_those_of_web_servers() -> None:
    table = pa.table(
        {
            "http.request.method": pa.array(["GET", "GET"]).dictionary_encode(),
            "url.path": ["/a", "/b"],
            "url.query": ["q=%2e%2e%2Fetc", None],
            "http.response.status_code": pa.array([200, 404], pa.int16()),
        }
    )
    rules = rules_of(
        rule(1, {"one": {"cs-uri-query|contains": "../etc", "sc-status": 200}}),
        rule(2, {"one": {"cs-uri-stem": "/b", "cs-method": "get"}}),
    )
    assert Matcher(rules).match(table).by_row() == [[0], [1]]


def test_columns_of_every_type_are_read() -> None:
    table = pa.table(
        {
            "cs-method": pa.array(["a", None]).dictionary_encode(),
            "n": pa.array([7, None]),
            "f": [1.5, None],
            "b": [True, None],
            "l": pa.array([["x", "y"], None], pa.list_(pa.string())),
            "t": pa.array([0, None], pa.timestamp("ns", tz="UTC")),
        }
    )
    one = {"cs-method": "a", "n": 7, "f|gt": 1.4, "b": True, "l": "y", "t|startswith": "1970"}
    assert Matcher(rules_of(rule(1, {"one": one}))).match(table).rows.tolist() == [0]


def test_no_rows_and_no_columns_match_nothing() -> None:
    matcher = Matcher(rules_of(rule(1, {"one": {"a": 1}})))
    assert matcher.match(pa.table({"cs-method": pa.array([], pa.string())})).by_row() == []
    assert matcher.match(table_of([None, {}])).by_row() == [[], []]


@pytest.mark.parametrize(
    ("pattern", "guard"),
    [
        ("abc.*defg", ("defg",)),
        ("(foo|barr)x?", ("barr", "foo")),
        ("[0-9]+", ()),
        ("(abc)?", ()),
        ("\\w+`\\w", ("`",)),
        ("a|bcd", ()),
        ("(abcd){2,}", ("abcd",)),
        ("[[:alpha:]]long", ()),
        ("ABC\\.exe", ("abc.exe",)),
        ("(?:\\.|%2e){2,}x?", ("%2e%2e", "%2e.", ".%2e", "..")),
        ("\\(\\s*\\)", ("(",)),
        ("(?:[+*]|%20)+(?:or|and)", ("%20and", "%20or", "*and", "*or", "+and", "+or")),
        ("(?:\\[|%5b)\\$(?:ne|gt|lt|in)", ("%5b$", "[$")),
        ("['\"].*(?:a|bc)", ('"', "'")),
        ("(?:a|b.*){2,}", ()),
        ("=x?/", ()),
    ],
)
def test_guards_are_what_every_match_contains(pattern: str, guard: tuple[str, ...]) -> None:
    assert guard_of(pattern) == guard


@pytest.mark.parametrize(
    ("pattern", "hits"),
    [
        ("(?:\\.|%2e){2,}(?:/|%2f)+x", ["../x", ".%2E.%2f/x", "a%2e%2e//xy"]),
        ("(?:'|%27)(?:\\s|/\\*[^/]*\\*/)*(?:or|and)+[ =]1", ["'or=1", "%27/**/ AND 1", "' oror 1"]),
        ("(?:ab|c[de]*)?x{2}y|[{]q", ["xxy", "abXXy", "cededxxy", "{q"]),
        ("^(?:a|[bc]+)-(?:d|e)$", ["a-d", "bcb-E"]),
    ],
)
def test_what_a_pattern_matches_holds_one_of_its_guards(pattern: str, hits: list[str]) -> None:
    guards = guard_of(pattern)
    assert guards
    for text in hits:
        assert re.search(pattern, text, re.IGNORECASE)
        assert any(guard in text.lower() for guard in guards), text


def test_a_mapping_that_is_wrong_is_told_whole() -> None:
    with pytest.raises(ConfigError) as told:
        routes_of({"x.yaml": "routes: [{when: {a: 1}}, {is: {color: red}}]"})
    assert len(told.value.problems) == 2
    assert len(own_routes().routes) > 100
