"""Proof that it detects: techniques played into a company's ordinary days, through the server's own door.

The days before are sent first, then a day in which each technique has its time, then all that was found is
compared with the truth. Everything happens in event time, so a day takes as long as the server needs to judge it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from heapq import merge
from itertools import islice
from typing import Any, Final

import numpy as np

from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.estate import DAY, HOUR, Estate, Record, request
from vedette.simulate.model import Traffic, Visit
from vedette.simulate.shop.service import answer_sizes
from vedette.simulate.techniques import TECHNIQUES, Technique

SHOP_RATE: Final = 1.0
"""Requests a second to the shop, averaged over a day."""

FIRST_BY_DAY: Final = 9.5 * HOUR
FIRST_BY_NIGHT: Final = 26.0 * HOUR
APART: Final = 1200.0
"""Seconds between the beginnings of two techniques: an incident of the first is over by then."""

AFTER: Final = 1800.0
"""Seconds of ordinary life after the last one, so that every window closes."""

GRACE: Final = 120.0
"""Seconds after its end within which a technique may still be found."""

KNOWN: Final = frozenset({"sigma", "indicators"})
"""Detectors of what is known to be bad; all others learn."""

BATCH: Final = 5000

Document = dict[str, Any]
Send = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Played:
    """A technique and when it was played, epoch seconds."""

    key: str
    technique: Technique
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one technique.

    Parameters
    ----------
    key, technique, title, service
        Which, and whose telemetry showed it.
    outcome
        ``rule``, ``model``, ``both`` or ``missed``: who found it.
    seconds
        From its first moment to the incident, in event time; None if missed.
    incidents
        How many were opened for it; one is right.
    named
        Whether the explanation names the cause.
    said
        The incident's headline.
    """

    key: str
    technique: str
    title: str
    service: str
    outcome: str
    seconds: float | None
    incidents: int
    named: bool
    said: str


def layout(chosen: Iterable[str], now: float) -> list[Played]:
    """Return when each technique is played: those by day, then those of the night; all before `now`."""
    midnight = (now - FIRST_BY_NIGHT - 8 * HOUR) // DAY * DAY
    places = {False: midnight + FIRST_BY_DAY, True: midnight + FIRST_BY_NIGHT}
    played = []
    for key in chosen:
        technique = TECHNIQUES[key]
        begin = places[technique.quiet]
        places[technique.quiet] += APART
        played.append(Played(key, technique, begin, begin + technique.seconds))
    return sorted(played, key=lambda one: one.begin)


def telemetry(played: Sequence[Played], days: float, seed: int, intensity: float = 1.0) -> Iterator[Record]:
    """Yield the ordinary days and the techniques, in order of time."""
    start, stop = played[0].begin - days * DAY, played[-1].end + AFTER
    sizes = answer_sizes()
    attacks = (
        one.technique.play(one.begin, one.end, np.random.default_rng([seed, place]), intensity)
        for place, one in enumerate(played)
    )
    events = merge(
        Traffic(SHOP_RATE, seed).between(start, stop),
        Estate(seed).between(start, stop),
        *attacks,
        key=lambda event: event.time,
    )
    for event in events:
        yield request(event, sizes) if isinstance(event, Visit) else event


def payloads(records: Iterator[Record]) -> Iterator[tuple[int, bytes]]:
    """Yield batches as JSON lines, each with its number of records."""
    import orjson

    while part := list(islice(records, BATCH)):
        yield len(part), b"".join(orjson.dumps(record.document) + b"\n" for record in part)


def judge(played: Sequence[Played], incidents: Sequence[Document]) -> tuple[list[Proof], list[Document]]:
    """Compare what was found with the truth; returns the proofs, and the incidents that belong to none.

    An incident belongs to a technique that was being played when it began, in the service that shows it.
    """
    proofs, claimed = [], set[str]()
    for one in played:
        mine = [incident for incident in incidents if _belongs(incident, one)]
        claimed.update(incident["id"] for incident in mine)
        proofs.append(_proof(one, mine))
    return proofs, [incident for incident in incidents if incident["id"] not in claimed]


def _belongs(incident: Document, one: Played) -> bool:
    began = from_rfc3339(incident["started_at"]) / SECOND
    return incident["segment_parts"]["service"] == one.technique.service and one.begin - 60 <= began <= one.end + GRACE


def _proof(one: Played, mine: Sequence[Document]) -> Proof:
    technique = one.technique
    if not mine:
        return Proof(one.key, technique.id, technique.title, technique.service, "missed", None, 0, False, "")
    first = min(mine, key=lambda incident: str(incident["started_at"]))
    detectors = {part["detector"] for incident in mine for part in incident["explanation"]["contributions"]}
    rules, models = bool(detectors & KNOWN), bool(detectors - KNOWN - {""})
    return Proof(
        one.key,
        technique.id,
        technique.title,
        technique.service,
        "both" if rules and models else "rule" if rules else "model",
        round(max(opened(first) - one.begin, 0.0), 1),
        len(mine),
        any(_names(incident, technique) for incident in mine),
        first["title"],
    )


def opened(incident: Document) -> float:
    """Return when the incident was opened, epoch seconds of event time."""
    times = [moment["time"] for moment in incident["explanation"]["timeline"] if moment["text"] == "incident opened"]
    return from_rfc3339(times[0] if times else incident["updated_at"]) / SECOND


def _names(incident: Document, technique: Technique) -> bool:
    parts = incident["explanation"]["contributions"]
    told = " ".join(f"{part['feature']} {part['text']}" for part in parts)
    return any(word in told for word in technique.names)


def report(proofs: Sequence[Proof], stray: Sequence[Document], facts: Mapping[str, Any], key: bytes) -> Document:
    """Return the dated, signed account; `facts` say what was run, `key` signs it (HMAC-SHA-256)."""
    found = [proof for proof in proofs if proof.outcome != "missed"]
    seconds = sorted(proof.seconds for proof in found if proof.seconds is not None)
    body: Document = {
        **facts,
        "techniques": [asdict(proof) for proof in proofs],
        "found": len(found),
        "played": len(proofs),
        "coverage": round(len(found) / max(len(proofs), 1), 3),
        "median_seconds": seconds[len(seconds) // 2] if seconds else None,
        "named": sum(proof.named for proof in found),
        "false_incidents": [{"started_at": one["started_at"], "title": one["title"]} for one in stray],
    }
    return {**body, "signature": sign(body, key)}


def sign(body: Mapping[str, Any], key: bytes) -> str:
    """Return the signature of an account without one."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), sha256).hexdigest()


def junit(account: Mapping[str, Any]) -> str:
    """Return the account as JUnit's XML: a test case for each technique."""
    from xml.etree.ElementTree import Element, SubElement, tostring

    cases = account["techniques"]
    missed = sum(case["outcome"] == "missed" for case in cases)
    suite = Element("testsuite", name="vedette prove", tests=str(len(cases)), failures=str(missed))
    for case in cases:
        name = f"{case['technique']} {case['title']} ({case['key']})"
        element = SubElement(suite, "testcase", classname=case["service"], name=name, time=str(case["seconds"] or 0))
        if case["outcome"] == "missed":
            SubElement(element, "failure", message="no incident was opened for it")
    return str(tostring(suite, encoding="unicode"))
