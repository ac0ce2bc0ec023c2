"""Series points → one number against its band, for a chart."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.api.decimate import decimate, run_starts
from vedette.api.names import unit_of
from vedette.records.score import State
from vedette.records.segment import Segment
from vedette.records.time import SECOND

BANDS: Final = ("actual", "expected", "lower", "upper")
PARTS: Final = ("environment", "service", "operation")

Numbers = NDArray[np.float64]


def fold(points: pa.Table, *, segment: str, feature: str, since: int, until: int, most: int) -> dict[str, Any]:
    """Return `vedette.api.models.Series` of the points within `since` to `until`, at most `most` of them.

    An empty `feature` stands for the segment's feature with the highest score. The score of a
    point that is kept is the highest of those that it stands for.

    Parameters
    ----------
    points
        Columns as `vedette.records.report.POINTS`.
    since, until
        ns since the epoch, half open.
    """
    time = points["time"].cast(pa.int64())
    within = pc.and_(pc.greater_equal(time, since), pc.less(time, until))
    rows = _of_segment(points.filter(within), segment)
    name = feature or _worst(rows)
    rows = rows.filter(pc.equal(rows["feature"].cast(pa.string()), name)).sort_by("time")
    columns = {band: _floats(rows, band) for band in BANDS}
    kept = decimate(columns["actual"], most)
    return {
        "segment": segment,
        "feature": name,
        "unit": unit_of(name),
        "t": (rows["time"].cast(pa.int64()).to_numpy()[kept] / SECOND).tolist(),
        **{band: _plain(column[kept]) for band, column in columns.items()},
        "score": _plain(_highest(_scores(rows), kept, most)),
    }


def _of_segment(rows: pa.Table, segment: str) -> pa.Table:
    """Return the rows of a segment; its text is compared, for it can't be cut into parts for certain."""
    columns = [rows[part].cast(pa.string()) for part in PARTS]
    parts = pa.table(dict(zip(PARTS, columns, strict=True)))
    known = parts.group_by(list(PARTS)).aggregate([]).to_pylist()
    fits = [one for one in known if str(Segment(**one)) == segment]
    if not fits:
        return rows.slice(0, 0)
    wanted = fits[0]
    same = [pc.equal(column, wanted[part]) for part, column in zip(PARTS, columns, strict=True)]
    return rows.filter(pc.and_(pc.and_(same[0], same[1]), same[2]))


def _worst(rows: pa.Table) -> str:
    if not rows.num_rows:
        return ""
    score = np.nan_to_num(_scores(rows), nan=-1.0)
    name: str = rows["feature"][int(score.argmax())].as_py()
    return name


def _scores(rows: pa.Table) -> Numbers:
    state = rows["state"].to_numpy()
    return np.where(state == State.READY, _floats(rows, "score"), np.nan)


def _highest(score: Numbers, kept: NDArray[np.intp], most: int) -> Numbers:
    """Return for each kept row the highest score of its run."""
    if len(kept) == len(score):
        return score
    starts = run_starts(len(score), most)
    best = np.fmax.reduceat(score, starts)
    return best[np.searchsorted(starts, kept, side="right") - 1]


def _floats(rows: pa.Table, name: str) -> Numbers:
    values: Numbers = rows[name].to_numpy().astype(np.float64)
    return values


def _plain(values: Numbers) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
