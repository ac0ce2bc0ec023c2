"""Which past incidents an incident is like: weighted Jaccard over what both are made of.

Notes
-----
An incident is a set of traits with weights: its kind (1), its service (2), its segment (1), what contributed by share
(6 in all; a number with its direction, a rule, kind of log line or structure by its name), its techniques (1 in all).
Likeness is the sum of the smaller weights over the sum of the larger ones, 0 to 1; equal traits give 1. Actors and
sizes are left out: the same trouble comes with others and at other strength.

**It fails** on a cause that shows differently each time, and takes two causes for one that move the same numbers.
Weights are by judgment, not by data: few installations have enough verdicts to learn them.

References
----------
S. Ioffe, "Improved Consistent Sampling, Weighted Minhash and L1 Sketching", ICDM 2010: the weighted Jaccard index.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from vedette.records.feature import CATALOG

Document = dict[str, Any]
Traits = dict[tuple[str, str], float]

KIND, SERVICE, SEGMENT, WHAT, TECHNIQUES = 1.0, 2.0, 1.0, 6.0, 1.0
LEAST: Final = 0.5
"""Likeness from which on an incident is told of: more is shared than is not."""

MOST: Final = 5
LONG: Final = 80
"""Characters of a name in what is shared."""


def similar(incident: Document, past: Iterable[Document]) -> list[Document]:
    """Return the past incidents that are most like one, the likest first, of those alike the newest.

    Parameters
    ----------
    incident, past
        Documents of incidents; those that never fired, were simulated or did not begin before are passed over.

    Returns
    -------
    list of documents
        At most `MOST`, each with ``likeness`` (`LEAST` to 1) and ``shared``, what both have, the weightiest first.
    """
    mine = traits(incident)
    found = []
    for other in past:
        if other["phase"] == "pending" or other.get("simulated") or other["started_at"] >= incident["started_at"]:
            continue
        theirs = traits(other)
        alike = likeness(mine, theirs)
        if alike >= LEAST:
            found.append((alike, other, theirs))
    found.sort(key=lambda row: (row[0], row[1]["started_at"], row[1]["id"]), reverse=True)
    return [_told(alike, other, _shared(mine, theirs)) for alike, other, theirs in found[:MOST]]


def traits(incident: Document) -> Traits:
    """Return what an incident is made of, with weights."""
    parts = incident["segment_parts"]
    found = {
        ("kind", str(incident["kind"])): KIND,
        ("service", str(parts["service"])): SERVICE,
        ("segment", str(incident["segment"])): SEGMENT,
    }
    named = [part for part in incident["explanation"]["contributions"] if part["detector"]]
    whole = sum(part["share"] for part in named) or 1.0
    for part in named:
        what = ("what", _what(part))
        found[what] = found.get(what, 0.0) + WHAT * part["share"] / whole
    for technique in incident["techniques"]:
        found["technique", technique] = TECHNIQUES / len(incident["techniques"])
    return found


def likeness(mine: Traits, theirs: Traits) -> float:
    """Return the weighted Jaccard index of two sets of traits, 0 to 1."""
    names = sorted(mine.keys() | theirs.keys())
    larger = sum(max(mine.get(name, 0.0), theirs.get(name, 0.0)) for name in names)
    return sum(min(mine.get(name, 0.0), theirs.get(name, 0.0)) for name in names) / larger if larger else 0.0


def _what(part: Document) -> str:
    """Return the name of a contribution: a number and its direction, or what was new or matched."""
    family, _, member = part["feature"].partition(": ")
    label = member or (CATALOG[family].label if family in CATALOG else family)
    item = str(part.get("item", ""))
    if item:
        return f"rule “{item}”" if family == "rule" else item if family == "reading" else f"{label}: {item}"
    actual, expected = part["actual"], part["expected"]
    if actual is None or expected is None:
        return label
    return f"{label} {'up' if actual >= expected else 'down'}"


def _shared(mine: Traits, theirs: Traits) -> list[str]:
    """Return what both have, in words, the weightiest first."""
    both = {name: min(mine[name], theirs[name]) for name in mine.keys() & theirs.keys() if name[1]}
    ranked = sorted(both, key=lambda name: (-both[name], name))
    return [_said(*name) for name in ranked]


def _said(sort: str, name: str) -> str:
    short = name if len(name) <= LONG else f"{name[: LONG - 1]}…"
    return short if sort in ("what", "technique") else f"{sort} {short}"


def _told(alike: float, other: Document, shared: list[str]) -> Document:
    names = ("id", "title", "segment", "severity", "kind", "started_at", "ended_at", "verdict")
    return {**{name: other.get(name) for name in names}, "likeness": round(alike, 2), "shared": shared}
