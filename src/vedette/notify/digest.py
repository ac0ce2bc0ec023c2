"""What happened in a day or a week, as one letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from vedette.notify.base import Document
from vedette.records.incident import Severity
from vedette.records.time import rfc3339

WORST: Final = 8
"""Incidents that are named one by one."""

_RANK: Final = {level.value: rank for rank, level in enumerate(Severity)}
_VERDICTS: Final = {"real": "real", "expected": "expected", "noise": "noise", None: "without a verdict"}


def digest(identity: str, since: int, until: int, incidents: Sequence[Document]) -> Document:
    """Return the digest of the incidents that lasted at some time within a period.

    Parameters
    ----------
    identity
        Of the letter, the same when it is made again.
    since, until
        The period, ns since the epoch.
    incidents
        Documents with their verdicts, as the store has them, of any order.
    """
    worst = sorted(incidents, key=lambda one: (-_RANK[one["severity"]], -one["score"], one["started_at"], one["id"]))
    still = [one for one in incidents if one["ended_at"] is None]
    noise = sum(one["verdict"] == "noise" for one in incidents)
    explained = sum(bool(one.get("explained")) for one in incidents)
    days = max(1, round((until - since) / 86_400e9))
    period = "day" if days == 1 else f"{days} days"
    return {
        "id": identity,
        "phase": "digest",
        "severity": worst[0]["severity"] if worst else Severity.LOW.value,
        "kind": worst[0]["kind"] if worst else "operations",
        "title": f"{_number(len(incidents), 'incident')} in the last {period}, {len(still) or 'none'} still open",
        "text": _text(worst, len(still), noise, explained, period),
        "from": rfc3339(since),
        "to": rfc3339(until),
        "total": len(incidents),
        "open": len(still),
        "by_severity": _counts([one["severity"] for one in incidents], [level.value for level in reversed(Severity)]),
        "by_kind": _counts([one["kind"] for one in incidents], ["security", "performance", "operations"]),
        "by_verdict": _counts([_VERDICTS[one["verdict"]] for one in incidents], list(_VERDICTS.values())),
        "worst": [{name: one.get(name) for name in _SHOWN} for one in worst[:WORST]],
    }


_SHOWN: Final = (
    "id",
    "title",
    "segment",
    "severity",
    "kind",
    "phase",
    "started_at",
    "ended_at",
    "score",
    "verdict",
    "explained",
)


def _text(worst: Sequence[Document], still: int, noise: int, explained: int, period: str) -> str:
    if not worst:
        return f"Nothing unusual happened in the last {period}."
    said = [f"The worst of {_number(len(worst), 'incident')} in the last {period}: {worst[0]['title']}."]
    if still:
        said.append(f"{still} {'is' if still == 1 else 'are'} still going on.")
    if noise:
        said.append(f"{noise} of them {_was(noise)} judged noise.")
    if explained:
        said.append(f"{explained} of them {_was(explained)} explained by what was announced later.")
    return " ".join(said)


def _counts(values: Sequence[str], order: Sequence[str]) -> dict[str, int]:
    found = Counter(values)
    return {name: found[name] for name in order}


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
