from dataclasses import replace

import orjson
import pytest

from vedette.decode.json_lines import JsonLines
from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy
from vedette.records import schema
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.rule import Mark, Ruling
from vedette.records.segment import Segment
from vedette.rules.chain import Chain
from vedette.rules.mark import Marker
from vedette.rules.model import Head, RuleSet
from vedette.rules.parse import parse
from vedette.rules.shelf import Edition

SHELL = "11111111-1111-4111-8111-111111111111"
FAILED = "22222222-2222-4222-8222-222222222222"
RULES = f"""
title: Shell of a web server
id: {SHELL}
level: high
author: Ana
tags: [attack.execution, attack.t1059.004]
logsource: {{product: linux, category: process_creation}}
detection:
  selection: {{ParentImage|endswith: /nginx, Image|endswith: [/sh, /bash]}}
  condition: selection
---
title: Refused log-in
id: {FAILED}
name: refused
level: low
logsource: {{category: webserver}}
detection:
  selection: {{cs-uri-stem: /login, sc-status: 401}}
  condition: selection
---
title: Many refused log-ins
id: 33333333-3333-4333-8333-333333333333
level: high
correlation:
  type: event_count
  rules: [refused]
  group-by: [c-ip]
  timespan: 1m
  condition: {{gte: 3}}
---
title: A rule with a name of its own
name: no-uuid
level: medium
logsource: {{category: webserver}}
detection:
  selection: {{cs-uri-stem: /backdoor}}
  condition: selection
"""
PROCESS = {"service": "hosts", "Image": "/bin/sh", "CommandLine": "sh -c id", "ParentImage": "/usr/sbin/nginx"}
REQUEST = {"service": "shop", "method": "POST", "path": "/login", "status": 401, "client.address": "192.0.2.7"}
SHOP = Segment("", "shop", "")


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    found = parse({"rules.yml": RULES})
    assert not found.problems
    return found


def batch(*events: dict[str, object]) -> RawBatch:
    lines = [orjson.dumps({"@timestamp": f"2026-01-01T00:00:{n:02d}Z", **event}) for n, event in enumerate(events)]
    return JsonLines().decode(b"\n".join(lines) + b"\n", 0).batches[0]


def ids(found: RawBatch | SafeBatch) -> list[str | None]:
    return found.columns.column(schema.RULES).to_pylist()


def mark(rule: str, second: int, client: str = "p_1") -> Mark:
    return Mark(second * 10**9, SHOP, rule, {"c-ip": client}, (f"client {client}",), lambda: f"line {second}")


def rulings(chain: Chain, *marks: Mark) -> list[Ruling]:
    return [one for one in chain.step(marks) if one.title == "Many refused log-ins"]


def test_native_fields_and_canonical_columns_are_matched_in_one_batch(rules: RuleSet) -> None:
    found = Marker(rules)(batch(PROCESS, REQUEST, {"service": "shop", "path": "/", "status": 200}))
    assert ids(found) == [SHELL, FAILED, None]


def test_without_a_match_the_batch_is_as_it_came(rules: RuleSet) -> None:
    given = batch({"service": "shop", "path": "/", "status": 200})
    assert Marker(rules)(given) is given


def test_without_rules_nothing_is_marked() -> None:
    given = batch(PROCESS)
    assert Marker(RuleSet())(given) is given


def test_what_a_correlation_asks_passes_the_gate_as_a_token(rules: RuleSet) -> None:
    marker, gate = Marker(rules), Gate(Policy.default(), bytes(32))
    safe = gate.protect(marker(batch(REQUEST, REQUEST, {**REQUEST, "client.address": "192.0.2.8"})))
    first, second, third = (orjson.loads(text) for text in safe.columns.column(schema.ASKED).to_pylist())
    assert first == second != third
    assert first["c-ip"].startswith("p_")
    assert ids(safe) == [FAILED] * 3
    assert "192.0.2" not in str(safe.columns.to_pydict())


def test_a_rule_whose_id_is_no_uuid_passes_the_gate_and_is_known_behind_it(rules: RuleSet) -> None:
    request = {"service": "shop", "method": "GET", "path": "/backdoor", "status": 200}
    safe = Gate(Policy.default(), bytes(32)).protect(Marker(rules)(batch(request)))
    (found,) = ids(safe)
    assert found
    (ruling,) = Chain(Edition((), rules)).step([mark(found, 1)])
    assert ruling.rule == "no-uuid"


def test_a_sender_can_not_make_marks_of_its_own(rules: RuleSet) -> None:
    given = batch({"service": "shop", "path": "/", "status": 200, "vedette.rules": SHELL})
    assert schema.RULES not in Marker(rules)(given).columns.schema.names


def test_marks_are_gathered_by_segment_and_rule_with_author_and_examples(rules: RuleSet) -> None:
    found = Chain(Edition((), rules)).step([mark(SHELL, 1), mark(SHELL, 2)])
    assert found == [
        Ruling(
            SHOP,
            SHELL,
            "Shell of a web server",
            "high",
            ("T1059.004",),
            "Ana",
            2,
            ("client p_1",),
            ("line 1", "line 2"),
        )
    ]


def test_a_correlation_counts_over_windows_and_by_group(rules: RuleSet) -> None:
    chain = Chain(Edition((), rules))
    assert not rulings(chain, mark(FAILED, 1), mark(FAILED, 2, "p_2"), mark(FAILED, 3))
    (fired,) = rulings(chain, mark(FAILED, 31), mark(FAILED, 32, "p_2"))
    assert fired.entities == ("client p_1",)
    assert fired.level == "high"


def test_a_restored_chain_goes_on_counting(rules: RuleSet) -> None:
    chain, other = Chain(Edition((), rules)), Chain(Edition((), rules))
    chain.step([mark(FAILED, 1), mark(FAILED, 2)])
    other.restore(chain.snapshot())
    assert rulings(other, mark(FAILED, 3)) == rulings(chain, mark(FAILED, 3)) != []


def test_the_state_of_other_correlations_is_left_behind(rules: RuleSet) -> None:
    chain = Chain(Edition((), rules))
    chain.step([mark(FAILED, 1), mark(FAILED, 2)])
    renamed = replace(rules.correlations[0], head=replace(rules.correlations[0].head, id="4" * 8))
    other = Chain(Edition((), RuleSet(rules.rules, (renamed,))))
    other.restore(chain.snapshot())
    assert rulings(other, mark(FAILED, 3)) == []


def test_marks_of_rules_that_are_gone_say_nothing(rules: RuleSet) -> None:
    assert Chain(Edition()).step([mark(SHELL, 1)]) == []


LISTED = {
    f"{number:08d}-0000-4000-8000-000000000000": Head(
        f"{number:08d}-0000-4000-8000-000000000000",
        f"address {number}",
        level,
        (f"T100{number}",),
        author="feed",
        detector="indicators",
        family="lists/feed",
        note=f"all of {number}",
    )
    for number, level in enumerate(("low", "high", "medium", "low", "low"))
}


def test_an_indicators_mark_is_told_as_its_list_has_it(rules: RuleSet) -> None:
    chain = Chain(Edition((), rules), listed=LISTED.get)
    names = [*LISTED]
    found = chain.step([mark(SHELL, 1), *(mark(name, 2) for name in names[:3])])
    assert [one.title for one in found] == ["address 0", "address 1", "address 2", "Shell of a web server"]
    assert (found[0].family, found[0].note, found[0].detector) == ("lists/feed", "all of 0", "indicators")


def test_many_members_of_a_family_are_told_as_one_with_the_highest_level(rules: RuleSet) -> None:
    chain = Chain(Edition((), rules), listed=LISTED.get)
    (found,) = chain.step([mark(name, second, f"p_{second}") for second, name in enumerate(LISTED)])
    assert (found.rule, found.title, found.level) == ("lists/feed", "several values of the list “feed”", "high")
    assert found.techniques == ("T1000", "T1001", "T1002", "T1003", "T1004")
    assert found.note == "5 indicators of “feed”, among them: address 0, address 1, address 2"
    assert (found.count, len(found.entities)) == (5, 5)
