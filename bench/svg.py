"""Small drawings as SVG: panels with lines, bands and marks; no library, and the same bytes for the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

INK, MUTED, LINE, BAND, MARK = "#222222", "#6b7280", "#0b5d4e", "#c8e4d2", "#c2410c"


def text(x: float, y: float, words: str, anchor: str = "start", fill: str = INK) -> str:
    """Return words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str) -> str:
    """Return a filled rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def document(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    """Return a whole picture on white."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" font-size="12" role="img" '
        f"aria-label={quoteattr(label)}>"
    )
    return "\n".join([head, box(0, 0, width, height, "#ffffff"), *parts, "</svg>"]) + "\n"


@dataclass
class Panel:
    """Numbers over time in a rectangle.

    Parameters
    ----------
    left, top, width, height
        Where it is.
    low, high
        Range of the numbers.
    count
        Points from the left edge to the right one.
    """

    left: float
    top: float
    width: float
    height: float
    low: float
    high: float
    count: int
    parts: list[str] = field(default_factory=list)

    def _points(self, values: Sequence[float] | Any) -> list[str]:
        span = max(self.high - self.low, 1e-9)
        return [
            f"{self.left + self.width * place / max(self.count - 1, 1):.1f},"
            f"{self.top + self.height * (1.0 - (min(max(value, self.low), self.high) - self.low) / span):.1f}"
            for place, value in enumerate(values)
        ]

    def title(self, words: str) -> None:
        """Write over the panel, and draw its floor."""
        self.parts.append(text(self.left, self.top - 8, words))
        y = self.top + self.height
        self.parts.append(f'<path d="M{self.left:.1f},{y:.1f}h{self.width:.1f}" stroke="{MUTED}" fill="none"/>')

    def band(self, lower: Any, upper: Any) -> None:
        """Draw the area between two lines."""
        outline = self._points(upper) + self._points(lower)[::-1]
        self.parts.append(f'<polygon points="{" ".join(outline)}" fill="{BAND}"/>')

    def line(self, values: Any) -> None:
        """Draw a line."""
        self.parts.append(
            f'<polyline points="{" ".join(self._points(values))}" fill="none" stroke="{LINE}" stroke-width="1.2"/>'
        )

    def marks(self, places: Sequence[int], values: Any) -> None:
        """Draw a ring around points."""
        points = self._points(values)
        for place in places:
            x, _, y = points[place].partition(",")
            self.parts.append(f'<circle cx="{x}" cy="{y}" r="5" fill="none" stroke="{MARK}" stroke-width="2"/>')
