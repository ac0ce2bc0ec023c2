"""What stands for a technique: rules in force, learned detectors, incidents, proofs; as claims of a Navigator layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vedette.assembly import READINGS
from vedette.decision.people import SUGGESTED
from vedette.notify.navigator import By, Claim
from vedette.records.document import Document
from vedette.records.feature import CATALOG
from vedette.rules.model import RuleSet


def learned() -> Iterator[tuple[str, str]]:
    """Yield each technique that a learned detector suggests, with the feature that it is suggested by."""
    for feature in CATALOG.values():
        if feature.technique:
            yield feature.technique, feature.name
    for technique in sorted(SUGGESTED):
        yield technique, "user_day"
    for technique in sorted({technique for head in READINGS.values() for technique in head.techniques}):
        yield technique, "reading"


def claims(rules: RuleSet, incidents: Iterable[Document], proofs: Iterable[Document]) -> Iterator[Claim]:
    """Yield every claim; `proofs` are rows of `vedette.engine.proofs.Proofs.coverage`, of which those that count do."""
    for head in (*(rule.head for rule in rules.rules), *(one.head for one in rules.correlations)):
        for technique in head.techniques if head.told else ():
            yield Claim(technique, By.RULE, head.name or head.title)
    for technique, feature in learned():
        yield Claim(technique, By.DETECTOR, feature)
    for incident in incidents:
        for technique in () if incident.get("simulated") else incident["techniques"]:
            yield Claim(technique, By.INCIDENT, incident["id"])
    for proof in proofs:
        if proof["outcome"] != "missed" and not proof["stale"]:
            yield Claim(proof["technique"], By.PROOF, proof_named(proof))


def proof_named(proof: Document) -> str:
    """Return a proof in words."""
    return f"proved {proof['date'][:10]}, {proof['seconds']:.0f} s, {proof['outcome']}"
