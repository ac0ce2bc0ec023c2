"""STIX bundles and patterns: what is simple is looked up, everything else is named."""

import json
from typing import Any

import pytest

from vedette.errors import BadInput
from vedette.indicators.delimited import Choices
from vedette.indicators.model import Kind, Reading
from vedette.indicators.pattern import DEEPEST, alternatives
from vedette.indicators.stix import objects_in, read
from vedette.records.time import from_rfc3339

A, D, U, H, E = Kind.ADDRESS, Kind.DOMAIN, Kind.URL, Kind.HASH, Kind.EMAIL
MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("[ipv4-addr:value = '45.9.148.1']", [(A, "45.9.148.1")]),
        ("[ipv4-addr:value='45.9.148.1' OR ipv6-addr:value='2a02::1']", [(A, "45.9.148.1"), (A, "2a02::1")]),
        ("[domain-name:value IN ('a.net', 'b.net')]", [(D, "a.net"), (D, "b.net")]),
        ("[url:value = 'http://a.net/x\\'y']", [(U, "http://a.net/x'y")]),
        ("([file:hashes.'SHA-1' = 'x'] OR [file:hashes.MD5 = 'y'])", [(H, "x"), (H, "y")]),
        ("[ipv4-addr:value ISSUBSET '45.9.148.0/24']", [(A, "45.9.148.0/24")]),
        ("[(email-addr:value = 'a@b.net' or (domain-name:value == 'c.net'))]", [(E, "a@b.net"), (D, "c.net")]),
        (
            "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Evil']",
            [(Kind.AGENT, "Evil")],
        ),
        ("[process:image_ref.name = 'evil.exe']", [(Kind.PROCESS, "evil.exe")]),
    ],
)
def test_alternatives_are_read(pattern: str, values: list[tuple[Kind, str]]) -> None:
    assert alternatives(pattern).values == values


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("[ipv4-addr:value = '1.1.1.1' AND domain-name:value = 'a.net']", "not_evaluated: AND"),
        ("[ipv4-addr:value = '1.1.1.1'] FOLLOWEDBY [domain-name:value = 'a.net']", "not_evaluated: FOLLOWEDBY"),
        ("[ipv4-addr:value = '1.1.1.1'] WITHIN 5 SECONDS", "not_evaluated: WITHIN"),
        ("[file:name MATCHES 'a.*']", "not_evaluated: file:name MATCHES"),
        ("[ipv4-addr:value != '1.1.1.1']", "not_evaluated: ipv4-addr:value !="),
        ("[NOT ipv4-addr:value = '1.1.1.1']", "not_evaluated: NOT"),
        ("[ipv4-addr:value = '1.1.1.1'", "bad_pattern: got the end at character 29, expected ]"),
        ("ipv4-addr:value = '1.1.1.1'", "got 'ipv4-addr:value' at character 1, expected ["),
        ("[ipv4-addr:value '1.1.1.1']", "expected an operator"),
        ("[ipv4-addr:value = ]", "got ']' at character 20, expected a text"),
        ("[ipv4-addr:value = '1.1.1.1", 'got "\'1.1.1.1"'),
        ("[ipv4-addr:value = '1.1.1.1'] x", "expected the end"),
        ("", "got the end at character 1"),
        ("(" * 10_000, f"{DEEPEST} parentheses"),
    ],
)
def test_what_is_no_alternative_is_named_and_a_syntax_error_with_its_place(pattern: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        alternatives(pattern)
    assert said in str(refused.value)


def test_an_alternative_that_is_not_looked_up_is_named_beside_those_that_are() -> None:
    found = alternatives(f"[file:hashes.MD5 = '{MD5}' OR file:hashes.SSDEEP = 'x' OR file:name = 'y']")
    assert (found.values, found.others) == ([(H, MD5)], ["file:hashes.SSDEEP", "file:name"])


def indicator(number: int, pattern: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08d}-0000-4000-8000-000000000000",
        "modified": "2026-01-01T00:00:00.000Z",
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        **more,
    }


IP = "[ipv4-addr:value = '45.9.148.1']"


def taken(*objects: Any, **said: Any) -> Reading:
    text = json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects})
    return read(objects_in(text, "b.json"), "b.json", Choices(**said))


def test_an_indicator_is_taken_with_all_that_is_said_of_it() -> None:
    attack = {
        "type": "attack-pattern",
        "id": "attack-pattern--1",
        "name": "Web Protocols",
        "external_references": [{"source_name": "mitre-attack", "external_id": "T1071.001"}],
    }
    malware = {"type": "malware", "id": "malware--1", "name": "Emotet"}
    relations = [
        {
            "type": "relationship",
            "id": f"relationship--{number}",
            "relationship_type": "indicates",
            "source_ref": indicator(1, IP)["id"],
            "target_ref": target,
        }
        for number, target in enumerate(("attack-pattern--1", "malware--1", "malware--gone"))
    ]
    (one,) = taken(
        indicator(
            1,
            IP,
            name="C2",
            confidence=80,
            valid_until="2026-03-01T00:00:00Z",
            external_references=[{"source_name": "x", "url": "https://x.example/1"}],
        ),
        attack,
        malware,
        *relations,
    ).found
    assert (one.value, one.label, one.level, one.confidence) == ("45.9.148.1", "C2, Web Protocols, Emotet", "high", 80)
    assert (one.techniques, one.reference) == (("T1071.001",), "https://x.example/1")
    assert (one.since, one.until) == (from_rfc3339("2026-01-01"), from_rfc3339("2026-03-01"))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"revoked": True}, "revoked"),
        ({"indicator_types": ["benign"]}, "called benign"),
        ({"pattern_type": "yara"}, "pattern of type 'yara', which is not looked up"),
    ],
)
def test_what_says_nothing_to_look_for_is_counted(more: dict[str, Any], reason: str) -> None:
    found = taken(indicator(1, IP, **more), indicator(2, IP))
    assert (len(found.found), found.passed) == (1, {reason: 1})


def test_the_newest_version_counts_so_that_a_revocation_holds() -> None:
    newer = indicator(1, IP, revoked=True) | {"modified": "2026-02-01T00:00:00.000Z"}
    for order in ((indicator(1, IP), newer), (newer, indicator(1, IP))):
        assert taken(*order).found == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (indicator(1, "[ipv4-addr:value = "), "bad_pattern"),
        (indicator(1, "[ipv4-addr:value = '1.1.1']"), "got '1.1.1'"),
        (indicator(1, "[ipv4-addr:value = '10.0.0.1']"), "reserved_range"),
        (indicator(1, IP, confidence="sure"), "got 'sure'"),
        (indicator(1, IP, valid_from="soon"), "got 'soon'"),
        (indicator(1, IP, valid_until="2020-01-01T00:00:00Z"), "bad_validity"),
        ("a text", "object 1: got 'a text', expected type and id"),
        ({"type": "indicator"}, "expected type and id"),
    ],
)
def test_a_bad_object_is_named_and_costs_no_other(bad: Any, said: str) -> None:
    found = taken(bad, indicator(2, IP))
    assert len(found.found) == 1
    assert [said in str(fault) for fault in found.faults] == [True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "bundle",\n "objects": [}', "b.json:2: "),
        ('{"a": 1}', "expected a STIX bundle"),
        ("[" * 100_000, "not_json"),
        ('{"objects": 5}', "expected a STIX bundle"),
    ],
)
def test_what_is_no_bundle_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        objects_in(text, "b.json")
    assert said in str(refused.value)


def test_an_empty_bundle_and_a_bare_list_are_fine() -> None:
    assert objects_in('{"type": "bundle", "id": "bundle--1"}', "b.json") == []
    assert objects_in('[{"type": "x"}]', "b.json") == [{"type": "x"}]
