"""Two replays of one journal compared: what a change of the configuration would have done."""

from __future__ import annotations

from statistics import median
from typing import Any

Found = dict[str, Any]
"""What a replay found: ``from`` and ``to`` in ns, ``findings``, ``incidents``, ``seconds`` to detect by incident."""


def fired(found: Found) -> list[dict[str, Any]]:
    """Return the incidents that went past pending, in order of their begin."""
    begun = sorted(found["incidents"], key=lambda one: (one["started_at"], one["id"]))
    return [one for one in begun if one["phase"] != "pending"]


def days(found: Found) -> float:
    """Return how long the replayed history is, in days; above 0 where there is any."""
    return max((found["to"] - found["from"]) / 86_400e9, 1e-9) if found["to"] else 0.0


def compared(found: Found, other: Found) -> dict[str, Any]:
    """Return both replays' numbers, the incidents that only one of them has, and the outcome as a sentence.

    An incident has its like in the other replay where one of the same segment and kind overlaps it in time: ids do not
    serve, since one that begins a window later has another id.

    Parameters
    ----------
    found, other
        Of the configuration that is tried, and of the one that it is held against.
    """
    mine, theirs = fired(found), fired(other)
    return {
        "sentence": f"you would have been paged {_times(len(mine))}, not {len(theirs)}"
        if len(mine) != len(theirs)
        else f"you would have been paged {_times(len(mine))}, as before",
        "config": _numbers(found, mine),
        "against": _numbers(other, theirs),
        "only_config": [one for one in mine if not _has_like(one, theirs)],
        "only_against": [one for one in theirs if not _has_like(one, mine)],
    }


def said(difference: dict[str, Any]) -> list[str]:
    """Return the numbers of a comparison as lines for a terminal."""
    lines = []
    for name in ("config", "against"):
        one = difference[name]
        took = one["median_seconds_to_detect"]
        lines.append(
            f"{name:8} {one['incidents']} incidents, {one['pages_per_day']:g} a day, "
            f"found after {'–' if took is None else f'{took:g} s'} (median)"
        )
    return lines


def _numbers(found: Found, incidents: list[dict[str, Any]]) -> dict[str, Any]:
    took = [found["seconds"][one["id"]] for one in incidents]
    return {
        "incidents": len(incidents),
        "pages_per_day": round(len(incidents) / max(days(found), 1.0), 3),
        "median_seconds_to_detect": round(median(took), 1) if took else None,
        "findings": found["findings"],
    }


def _has_like(one: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    return any(
        (one["segment"], one["kind"]) == (other["segment"], other["kind"])
        and one["started_at"] <= (other["ended_at"] or other["updated_at"])
        and other["started_at"] <= (one["ended_at"] or one["updated_at"])
        for other in others
    )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
