"""Which safeguards of the CIS Controls a finding is evidence for: numbers, and our own words for them.

The text of the Controls is not free to copy, so it is not here. Three of the eighteen have to do with what a
monitoring product finds; the others are about how systems are built and run.

References
----------
CIS Critical Security Controls, version 8.1: controls 8, 13 and 17.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from vedette.records.finding import Kind


@dataclass(frozen=True, slots=True)
class Control:
    """One control: its number, and in our words what it asks for."""

    number: int
    asks: str


LOGS: Final = Control(8, "keep logs of what happened, whole and long enough to look back")
NETWORK: Final = Control(13, "watch the network and its services for attacks, and act on what is seen")
RESPONSE: Final = Control(17, "be ready to handle an incident: roles, contacts, steps, lessons")

AGAINST_LOGS: Final = frozenset({"stealth", "defense-impairment"})
"""Tactics that aim at what is recorded."""

HARM: Final = frozenset({"exfiltration", "impact", "collection"})
"""Tactics at whose stage it is no longer about prevention."""


def controls_of(kind: Kind, tactics: Collection[str]) -> tuple[Control, ...]:
    """Return the controls that an incident of this kind, with these tactics, belongs to; none for operations.

    >>> [control.number for control in controls_of(Kind.SECURITY, ["stealth"])]
    [8, 13]
    """
    if kind is not Kind.SECURITY:
        return ()
    found = [NETWORK]
    if not AGAINST_LOGS.isdisjoint(tactics):
        found.append(LOGS)
    if not HARM.isdisjoint(tactics):
        found.append(RESPONSE)
    return tuple(sorted(found, key=lambda control: control.number))
