"""Two replays of one journal compared: what a change of the configuration would have done."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any, Final

Found = dict[str, Any]
"""What a replay found: ``from`` and ``to`` in ns, ``findings``, ``incidents``, ``seconds`` to detect by incident.

Of a data folder also ``paged``, numbers of who was told, and ``real``, the stored incidents that people called so.
"""


def fired(found: Found) -> list[dict[str, Any]]:
    """Return the incidents that went past pending and are not simulated, in order of their begin."""
    begun = sorted(found["incidents"], key=lambda one: (one["started_at"], one["id"]))
    return [one for one in begun if one["phase"] != "pending" and not one.get("simulated")]


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
    pages, before = found["paged"]["pages"], other["paged"]["pages"]
    return {
        "sentence": f"you would have been paged {_times(pages)}, not {before}"
        if pages != before
        else f"you would have been paged {_times(pages)}, as before",
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
        lines.append(
            f"{name:8} {one['incidents']} incidents, {one['pages']} told ({one['pages_per_day']:g} a day), "
            f"found after {_seconds(one['median_seconds_to_detect'])} (median)"
        )
        kept = [f"{one[key]} {words}" for key, words in _REST.items() if one[key]]
        lines += [f"{'':8} not told: {', '.join(kept)}"] if kept else []
        real = one["real"]
        if real["incidents"]:
            took = _seconds(real["median_seconds_to_detect"])
            lines.append(f"{'':8} of {real['incidents']} real incidents {real['found']} found, after {took} (median)")
            lines += [f"{'':8} lost: {lost['title']} ({lost['id']})" for lost in real["lost"]]
    return lines


_REST: Final = {
    "silenced": "by a silence",
    "digest_only": "but in a digest",
    "told_nobody": "as no route fits or is open",
}


def _seconds(took: float | None) -> str:
    return "–" if took is None else f"{took:g} s"


def _numbers(found: Found, incidents: list[dict[str, Any]]) -> dict[str, Any]:
    paged = found["paged"]
    return {
        "incidents": len(incidents),
        **paged,
        "pages_per_day": round(paged["pages"] / max(days(found), 1.0), 3),
        "median_seconds_to_detect": _median(found["seconds"][one["id"]] for one in incidents),
        "findings": found["findings"],
        "real": _real(found, incidents),
    }


def _real(found: Found, incidents: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how many incidents that people called real have their like, how long those took, and which have none."""
    likes = [[other for other in incidents if _has_like(one, [other])] for one in found["real"]]
    took = [min(found["seconds"][other["id"]] for other in like) for like in likes if like]
    lost = [
        {"id": one["id"], "title": one["title"]} for one, like in zip(found["real"], likes, strict=True) if not like
    ]
    return {"incidents": len(likes), "found": len(took), "lost": lost, "median_seconds_to_detect": _median(took)}


def _median(values: Iterable[float]) -> float | None:
    held = list(values)
    return round(median(held), 1) if held else None


def _has_like(one: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    return any(
        (one["segment"], one["kind"]) == (other["segment"], other["kind"])
        and one["started_at"] <= (other["ended_at"] or other["updated_at"])
        and other["started_at"] <= (one["ended_at"] or one["updated_at"])
        for other in others
    )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
