"""The sensitivity of a system as a picture: an SVG with a row a segment and a column a feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from vedette.checks.sensitivity import FACTORS, SHARES, Noticed
from vedette.records.feature import feature_of

CELL, HEIGHT, LEFT, TOP = 92, 22, 260, 44
SHADES: Final = ("#0b5d4e", "#1d7a66", "#3d9a80", "#6cb79b", "#9cd0b6", "#c8e4d2", "#e5efe6", "#f4f1e6")
"""From what is noticed soonest to what needs most; text on the first three is white."""

NEVER: Final = "#f2c9c4"


def told(one: Noticed, *, up: bool = True) -> str:
    """Return a change in words: ``×2``, ``+5 %``, ``-`` for a side that does not matter, ``never``."""
    found, matters = (one.up, one.sides[0]) if up else (one.down, one.sides[1])
    if not matters:
        return "-"
    if found is None:
        return "never"
    share = up and found[0] in SHARES
    return f"+{100 * found[0]:g} %" if share else f"×{found[0]:g}"


def heat(rows: Sequence[Noticed]) -> str:
    """Return the map as an SVG document: the smallest rise that is noticed, darker for smaller ones."""
    segments = sorted({str(one.series.segment) for one in rows})
    features = sorted({one.series.feature for one in rows})
    width, height = LEFT + CELL * len(features) + 12, TOP + HEIGHT * len(segments) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="11" role="img" aria-label="Smallest rise that is noticed">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for column, feature in enumerate(features):
        parts.append(_text(LEFT + CELL * column + CELL / 2, TOP - 10, feature_of(feature).label[:14], "middle"))
    for place, segment in enumerate(segments):
        parts.append(_text(LEFT - 8, TOP + HEIGHT * place + 15, segment[-42:], "end"))
    for one in rows:
        column, place = features.index(one.series.feature), segments.index(str(one.series.segment))
        parts += _cell(one, LEFT + CELL * column, TOP + HEIGHT * place)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _cell(one: Noticed, left: int, top: int) -> list[str]:
    fill, ink = NEVER, "#222222"
    if one.up is not None:
        steps: Sequence[float] = SHARES if one.up[0] in SHARES else FACTORS
        level = steps.index(one.up[0])
        fill, ink = SHADES[level], "#ffffff" if level < 3 else "#222222"
    box = f'<rect x="{left + 1}" y="{top + 1}" width="{CELL - 2}" height="{HEIGHT - 2}" fill="{fill}"/>'
    after = "" if one.up is None else f" {one.up[1]:.0f} s"
    return [box, _text(left + CELL / 2, top + 15, told(one) + after, "middle", ink)]


def _text(x: float, y: float, text: str, anchor: str, fill: str = "#222222") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
