"""Ways between services: who calls whom, and the segment that a way's numbers belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vedette.records.segment import Segment

ARROW: Final = "→ "
"""What the operation of a way's segment begins with: ``cart → stock``."""


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """A way that was used: two whole services of one environment."""

    caller: Segment
    callee: Segment


def way(call: Call) -> Segment:
    """Return the segment of a way.

    >>> str(way(Call(Segment("", "cart", ""), Segment("", "stock", ""))))
    'cart → stock'
    """
    return Segment(call.caller.environment, call.caller.service, ARROW + call.callee.service)


def call_of(segment: Segment) -> Call | None:
    """Return the way that a segment is of; None where it is none."""
    if not segment.operation.startswith(ARROW):
        return None
    return Call(segment.whole, Segment(segment.environment, segment.operation.removeprefix(ARROW), ""))
