"""``python -m bench plots``: the pictures of ``docs/detection.md``, of what the product says of made-up series."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench import floors, svg
from vedette.scoring.metrics import score_metrics

Floats = NDArray[np.float64]

FOLDER: Final = Path(__file__).parents[1] / "docs" / "pictures"
START: Final = 1_767_571_200
"""A Monday, 00:00 UTC."""
DAY: Final = 144
DAYS: Final = 28
SHOWN: Final = 4 * DAY
"""The last four days."""
WIDTH: Final = 860
NOT_SEEN: Final = "trend"


def draw(folder: Path = FOLDER) -> list[str]:
    """Write all pictures; returns their names."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {"metrics.svg": metrics(), "floors.svg": asked(floors.load())}
    for name, drawing in made.items():
        (folder / name).write_text(drawing)
    return list(made)


def series(seed: int = 1) -> dict[str, tuple[str, Floats]]:
    """Return series by name, with what is seen of them, or not."""
    rng = np.random.default_rng(seed)
    rows = DAYS * DAY
    clock = np.arange(rows) % DAY / DAY * 24.0

    def usual() -> Floats:
        return 100 + 40 * np.sin(2 * np.pi * (clock - 8) / 24) + rng.normal(0, 2, rows)

    last = rows - DAY
    job, leak, dead, trend = usual(), usual(), usual(), usual()
    job[(clock >= 6.0) & (clock < 6.3)] += 120
    job[last + 90 : last + 93] += 120
    leak[last + 12 : last + 24] += 25
    dead[last + 70 :] = 0.0
    trend[-SHOWN:] += np.linspace(0.0, 20.0, SHOWN)
    return {
        "job": ("A job at six every day is usual; the same load at three in the afternoon is told", job),
        "leak": ("A leak at night, far below the peak of the day, is told", leak),
        "dead": ("A source that dies is told once", dead),
        NOT_SEEN: ("A trend slower than a day's own variation is not seen", trend),
    }


def metrics() -> str:
    """Return the last days of each series with band and alerts, as ``vedette score metrics`` gives them."""
    made = series()
    times = START + 600 * np.arange(DAYS * DAY)
    parts = [pa.table({"series": [name] * len(v), "t": times, "value": v}) for name, (_, v) in made.items()]
    scored = score_metrics(pa.concat_tables(parts))
    drawn: list[str] = []
    for number, (name, (words, value)) in enumerate(made.items()):
        rows = np.arange((number + 1) * DAYS * DAY - SHOWN, (number + 1) * DAYS * DAY)
        lower, upper, alert = (scored[column].to_numpy()[rows] for column in ("lower", "upper", "alert"))
        shown = value[-SHOWN:]
        panel = svg.Panel(12, 34 + 150 * number, WIDTH - 24, 100, min(0.0, shown.min()), 1.05 * shown.max(), SHOWN)
        told = np.flatnonzero(alert).tolist()
        panel.title(f"{words} ({'no alert' if not told else '1 alert' if len(told) == 1 else f'{len(told)} alerts'})")
        panel.band(np.nan_to_num(lower), np.nan_to_num(upper))
        panel.line(shown)
        panel.marks(told, shown)
        drawn += panel.parts
        assert name in made
    return svg.document(WIDTH, 150 * len(made) + 10, "What is seen of four series, and what is not", drawn)


def asked(listed: list[floors.Floor]) -> str:
    """Return how far each figure is from its floor and its aim."""
    rows = [one for one in listed if one.floor is not None and one.aim is not None]
    left, wide, high = 330.0, 440.0, 24.0
    parts = [
        svg.text(left, 18, "0"),
        svg.text(left + wide, 18, "aim", "end"),
        svg.text(left + wide + 8, 18, "now (floor → aim)"),
    ]
    for number, one in enumerate(rows):
        y = 30 + high * number
        assert one.floor is not None
        assert one.aim is not None
        # where less is better, what is shown is how much of the way down to the aim is gone
        share, floor = (one.reached / one.aim, one.floor / one.aim)
        if not one.more:
            share, floor = one.aim / one.reached, one.aim / one.floor
        fill = svg.LINE if one.met_by(one.reached, one.floor) else svg.MARK
        parts += [
            svg.text(left - 8, y + 13, one.what, "end"),
            svg.box(left, y, wide, 16, "#eef2f0"),
            svg.box(left, y + 3, wide * min(share, 1.0), 10, fill),
            svg.box(left + wide * floor - 1, y - 1, 2, 18, svg.INK),
            svg.text(left + wide + 8, y + 13, f"{one.reached:g} ({one.floor:g} → {one.aim:g})", "start", svg.MUTED),
        ]
    return svg.document(WIDTH + 60, 40 + high * len(rows), "Figures of the scoreboard against floor and aim", parts)
