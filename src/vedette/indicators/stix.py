"""Indicators in STIX 2.1 (and 2.0) bundles, as files and as TAXII hands them out.

References
----------
STIX 2.1, section 4.7, Indicator; section 5.1, Relationship.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from vedette.errors import BadInput
from vedette.indicators.delimited import Choices, instant, said
from vedette.indicators.model import BEGINNING, UNKNOWN, Fault, Indicator, Reading, level_for
from vedette.indicators.pattern import alternatives
from vedette.indicators.values import normal

Thing = Mapping[str, Any]

NAMED: Final = ("malware", "tool", "intrusion-set", "campaign", "threat-actor", "attack-pattern", "infrastructure")
"""What an indicator may indicate; its name is told."""


def objects_in(text: str, file: str) -> list[Any]:
    """Return the objects of a bundle, of an envelope of TAXII, or of a list.

    Raises
    ------
    BadInput
        For a syntax error, with its line, and for what is no bundle.
    """
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput("not_json", detail=f"{file}:{error.lineno}: {error.msg}") from error
    things = found.get("objects") if isinstance(found, dict) else found
    if isinstance(found, dict) and things is None and found.get("type") == "bundle":
        return []
    if not isinstance(things, list):
        raise BadInput("no_bundle", detail=f"{file}: got {text.strip()[:40]!r}…, expected a STIX bundle with objects")
    return things


def read(objects: Iterable[Any], file: str, choices: Choices) -> Reading:
    """Return the indicators among STIX objects; what can't be used is named by its id, and costs no other.

    Of several versions of one object the newest counts. ATT&CK techniques are those that the indicator ``indicates``
    by a relationship; none is guessed. What is revoked, or called benign, is passed over.
    """
    reading = Reading()
    things = _newest(objects, file, reading)
    meant = _meant(things)
    for thing in things.values():
        if thing["type"] == "indicator":
            _read(thing, meant.get(thing["id"], ()), choices, reading)
    return reading


def _newest(objects: Iterable[Any], file: str, reading: Reading) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    for number, thing in enumerate(objects, 1):
        if (
            not isinstance(thing, dict)
            or not isinstance(thing.get("id"), str)
            or not isinstance(thing.get("type"), str)
        ):
            reading.faults.append(Fault(f"{file}: object {number}", f"got {str(thing)[:60]!r}, expected type and id"))
            continue
        before = found.get(thing["id"])
        if before is None or str(thing.get("modified", "")) >= str(before.get("modified", "")):
            found[thing["id"]] = thing
    return found


def _meant(things: Mapping[str, Thing]) -> dict[str, list[Thing]]:
    """Return what each indicator indicates."""
    found: dict[str, list[Thing]] = {}
    for thing in things.values():
        if thing["type"] == "relationship" and thing.get("relationship_type") == "indicates" and not _revoked(thing):
            target = things.get(str(thing.get("target_ref")))
            if target is not None and target["type"] in NAMED:
                found.setdefault(str(thing.get("source_ref")), []).append(target)
    return found


def _revoked(thing: Thing) -> bool:
    return thing.get("revoked") is True


def _read(thing: Thing, meant: Sequence[Thing], choices: Choices, reading: Reading) -> None:
    if _revoked(thing):
        reading.skip("revoked")
        return
    if "benign" in _texts(thing, "indicator_types") or "benign" in _texts(thing, "labels"):
        reading.skip("called benign")
        return
    language = str(thing.get("pattern_type", "stix"))
    if language != "stix":
        reading.skip(f"pattern of type {language[:40]!r}, which is not looked up")
        return
    try:
        said_ = alternatives(str(thing.get("pattern", "")))
        facts = _facts(thing, meant, choices)
    except BadInput as error:
        reading.faults.append(Fault(thing["id"], str(error)))
        return
    for path in said_.others:
        reading.faults.append(Fault(thing["id"], f"{path} is not looked up"))
    for kind, value in said_.values:
        try:
            reading.found.append(Indicator(kind, normal(kind, value, reserved=choices.reserved), **facts))
        except BadInput as error:
            reading.faults.append(Fault(thing["id"], str(error)))


def _facts(thing: Thing, meant: Sequence[Thing], choices: Choices) -> dict[str, Any]:
    """Return what is known of all values of an indicator."""
    since, until = (instant(str(thing.get(name) or "")) for name in ("valid_from", "valid_until"))
    end = choices.until(since) if until is None else until
    if since is not None and end <= since:
        raise BadInput(
            "bad_validity", detail=f"got an end of {thing.get('valid_until')}, expected one after valid_from"
        )
    confidence = thing.get("confidence", UNKNOWN)
    if not isinstance(confidence, int) or not (confidence == UNKNOWN or 0 <= confidence <= 100):
        raise BadInput("bad_confidence", detail=f"got {confidence!r}, expected 0 to 100")
    names = dict.fromkeys(said(str(one.get("name", ""))) for one in (thing, *meant))
    return {
        "label": ", ".join(name for name in names if name)[:200],
        "level": level_for(confidence, choices.level),
        "confidence": confidence,
        "techniques": tuple(dict.fromkeys(one for target in meant for one in _techniques(target))),
        "since": BEGINNING if since is None else since,
        "until": end,
        "reference": next((link for link in _references(thing)), ""),
    }


def _techniques(thing: Thing) -> Iterator[str]:
    if thing["type"] == "attack-pattern":
        for reference in _dicts(thing, "external_references"):
            if str(reference.get("source_name", "")).startswith("mitre") and reference.get("external_id"):
                yield str(reference["external_id"])


def _references(thing: Thing) -> Iterator[str]:
    for reference in _dicts(thing, "external_references"):
        if isinstance(reference.get("url"), str):
            yield said(reference["url"])


def _dicts(thing: Thing, name: str) -> list[Mapping[str, Any]]:
    given = thing.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _texts(thing: Thing, name: str) -> set[str]:
    given = thing.get(name)
    return {str(one) for one in given} if isinstance(given, list) else set()
