"""``vedette sensitivity``: the smallest change that each series would be noticed by, and how fast."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.output import Progress, document, hint

if TYPE_CHECKING:
    from vedette.checks.sensitivity import Learned, Past
    from vedette.config.schema import Config


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Data folder of a server that is stopped.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Path of vedette.toml.")
@click.option("--svg", type=click.Path(path_type=Path), help="Draw a map here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def sensitivity(data: Path | None, config_path: Path | None, svg: Path | None, as_json: bool) -> None:
    """Say what is the smallest change of each series that would be noticed, and how fast.

    Changes are put into your own history: from what was learned on, the windows of the day before come again, scaled,
    at four hours of the day. Nothing is sent, learned or kept.
    """
    from vedette.checks.heat import heat, told
    from vedette.checks.sensitivity import sensitivity as tried
    from vedette.config.load import load
    from vedette.kernels import quiet_threads

    quiet_threads()
    config = load(config_path, overrides={} if data is None else {"data.folder": str(data)})
    learned, past = _opened(config)
    progress = Progress("sensitivity", 1)

    def step(done: int, total: int) -> None:
        progress.of(total)
        progress.at(done)

    rows = sorted(tried(learned, past, step), key=lambda one: (one.series.segment.order, one.series.feature))
    progress.done()
    if svg is not None:
        svg.write_text(heat(rows))
    if as_json:
        document(
            {
                "series": [
                    {
                        "segment": str(one.series.segment),
                        "feature": one.series.feature,
                        "rise": None if one.up is None else {"by": one.up[0], "seconds": one.up[1]},
                        "fall": None if one.down is None else {"by": one.down[0], "seconds": one.down[1]},
                        "sides": {"rise": one.sides[0], "fall": one.sides[1]},
                    }
                    for one in rows
                ]
            }
        )
        return
    click.echo(f"{'series':<52}{'rise':>8}{'after':>8}{'fall':>8}{'after':>8}")
    for one in rows:
        after = ["" if found is None else f"{found[1]:.0f} s" for found in (one.up, one.down)]
        name = f"{one.series.segment} {one.series.feature}"[:50]
        click.echo(f"{name:<52}{told(one):>8}{after[0]:>8}{told(one, up=False):>8}{after[1]:>8}")
    if not rows:
        hint("no series is judged yet, or there is no day of history; see vedette status")


def _opened(config: Config) -> tuple[Learned, Past]:
    """Return what a stopped server has learned, and the numbers of its last day."""
    import numpy as np
    import pyarrow as pa

    from vedette.assembly import make_shard
    from vedette.checks.sensitivity import DAY, HOURS, WINDOWS, Learned
    from vedette.engine.local import SHARD
    from vedette.errors import BadInput
    from vedette.journal.lock import DataLock
    from vedette.records.segment import Segment
    from vedette.records.time import SECOND
    from vedette.state.snapshots import Snapshots
    from vedette.store.events import EventStore

    folder = Path(config.data.folder)
    if not (folder / "state").is_dir():
        raise BadInput("no_state", detail=f"{folder} is no data folder of 'vedette up'")
    lock = DataLock(folder)
    try:
        found = Snapshots(folder / "state").latest(SHARD)
        if found is None:
            raise BadInput("no_state", detail=f"{folder}: nothing was learned yet")
        shard = make_shard(config)
        shard.restore(found[1])
        mark, series = shard.extract.watermark, list(shard.extract.series.keys)
        end = mark.open_from
        store, length = EventStore(folder / "events"), WINDOWS * mark.width
        starts = [end - DAY + hour * 3600 * SECOND for hour in HOURS]
        points = pa.concat_tables([store.scan("series", start, min(start + length, end)) for start in starts])
    finally:
        lock.release()
    place = {(one.segment, one.feature): slot for slot, one in enumerate(series)}
    past: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    texts = [points[name].cast("string").to_pylist() for name in ("environment", "service", "operation", "feature")]
    times, actual = points["time"].cast("int64").to_pylist(), points["actual"].to_pylist()
    requests: dict[tuple[int, Segment], float] = {}
    held: list[tuple[int, int, Segment, float]] = []
    for environment, service, operation, feature, moment, value in zip(*texts, times, actual, strict=True):
        segment = Segment(environment or "", service or "", operation or "")
        if feature in ("requests", "spans", "logs"):
            requests[(moment, segment)] = value
        slot = place.get((segment, feature))
        if slot is not None and value is not None:
            held.append((moment, slot, segment, value))
    for moment, slot, segment, value in held:
        values, weights = past.setdefault(moment, (np.full(len(series), np.nan), np.ones(len(series))))
        values[slot], weights[slot] = value, requests.get((moment, segment), 1.0)
    state = shard.decide.snapshot()
    learned = Learned(
        series,
        shard.baseline.snapshot(),
        state["numbers"],
        config.learning.ready_after,
        config.decision.budget_per_day,
        int(state["tests"]),
        end,
        mark.width,
        round(config.features.lateness * SECOND),
    )
    return learned, past
