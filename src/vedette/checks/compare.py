"""What changed from one run to another, each change with its level and how surely it is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.checks.summary import Route, Summary
from vedette.checks.tests import held, more_often, shift

ALPHA: Final = 0.01
"""Chance that anything at all is reported between two runs of the same build: one in a hundred."""

LEAST: Final = 20
"""Values on each side below which distributions are not compared; the approximation of `shift` needs them."""

SLOWER: Final = 1.2
"""Ratio of medians, or of 95th percentiles, below which a shift is of no consequence, however sure."""

LEAST_SECONDS: Final = 0.001
"""Change in seconds below which nobody minds."""

RARER: Final = 0.01
"""Share of failed requests that must be added."""

SHIFTED: Final = 3.0
"""Robust standard deviations of the baseline by which a metric's median must move."""

ALWAYS: Final = 0.99
"""Share of bodies that have a member from which on it counts as always there."""

Floats = NDArray[np.float64]


class Level(StrEnum):
    """How bad a change is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


LEVELS: Final = tuple(Level)


@dataclass(frozen=True, slots=True)
class Change:
    """One change."""

    kind: str
    level: Level
    where: str
    what: str
    p_value: float


def compare(before: Summary, after: Summary) -> list[Change]:
    """Return the changes that hold together at `ALPHA`, worst first.

    Errors in lines of a sort that was never there are told also when too few to be sure, at level medium.
    """
    found = [*_templates(before, after), *_routes(before, after), *_series(before, after)]
    sure = held([change.p_value for change in found], ALPHA)
    kept = [change for change, yes in zip(found, sure, strict=True) if yes]
    kept += [
        Change(one.kind, Level.MEDIUM, one.where, f"{one.what}; too few to be sure", one.p_value)
        for one, yes in zip(found, sure, strict=True)
        if not yes and one.kind == "new-error"
    ]
    return sorted(kept, key=lambda change: (-LEVELS.index(change.level), change.p_value))


def _templates(before: Summary, after: Summary) -> Iterator[Change]:
    final = after.templates.final()

    def counted(run: Summary, which: str) -> dict[int, int]:
        out: dict[int, int] = {}
        for number, count in getattr(run, which).items():
            out[int(final[number])] = out.get(int(final[number]), 0) + count
        return out

    old, new = counted(before, "seen"), counted(after, "seen")
    errors = counted(after, "errors")
    for number in sorted(old.keys() | new.keys()):
        text, had, has = after.templates.text(number), old.get(number, 0), new.get(number, 0)
        if not had:
            bad = errors.get(number, 0) > 0
            chance = more_often(0, max(before.lines, 1), has, max(after.lines, 1))
            kind, level = ("new-error", Level.HIGH) if bad else ("new-template", Level.LOW)
            yield Change(kind, level, text, f"{has} lines, none in the baseline", chance)
        elif not has:
            chance = more_often(0, max(after.lines, 1), had, max(before.lines, 1))
            yield Change("vanished-template", Level.MEDIUM, text, f"none, {had} lines in the baseline", chance)


def _routes(before: Summary, after: Summary) -> Iterator[Change]:
    for name in sorted(before.routes.keys() & after.routes.keys()):
        old, new = before.routes[name], after.routes[name]
        yield from _failures(name, old, new)
        yield from _slower(name, _joined(old.seconds), _joined(new.seconds))
        yield from _sizes(name, _joined(old.sizes), _joined(new.sizes))
        yield from _shapes(name, old, new)


def _failures(name: str, old: Route, new: Route) -> Iterator[Change]:
    ratio, now = old.failed / old.count, new.failed / new.count
    if now >= ratio + RARER:
        chance = more_often(old.failed, old.count, new.failed, new.count)
        yield Change("error-ratio", Level.HIGH, name, f"{now:.1%} of requests fail, {ratio:.1%} before", chance)


def _slower(name: str, old: Floats, new: Floats) -> Iterator[Change]:
    if min(len(old), len(new)) < LEAST:
        return
    for word, share in (("median", 50), ("95th percentile", 95)):
        was, now = float(np.percentile(old, share)), float(np.percentile(new, share))
        if now < SLOWER * was or now - was < LEAST_SECONDS:
            continue
        bar = float(np.percentile(np.concatenate([old, new]), share))
        over = more_often(int((old > bar).sum()), len(old), int((new > bar).sum()), len(new))
        chance = shift(old, new) if share == 50 else over
        yield Change("latency", Level.HIGH, name, f"{word} {1e3 * now:.1f} ms, {1e3 * was:.1f} ms before", chance)


def _sizes(name: str, old: Floats, new: Floats) -> Iterator[Change]:
    if min(len(old), len(new)) < LEAST:
        return
    was, now = float(np.median(old)), float(np.median(new))
    if max(now, was) >= SLOWER * max(min(now, was), 1.0):
        chance = 2.0 * min(shift(old, new), shift(new, old), 0.5)
        yield Change("response-size", Level.MEDIUM, name, f"median {now:.0f} bytes, {was:.0f} before", chance)


def _shapes(name: str, old: Route, new: Route) -> Iterator[Change]:
    for member in sorted(old.shapes.keys() | new.shapes.keys()):
        side, _, part = member.partition(" ")
        had, has, was, now = old.shapes[member], new.shapes[member], old.bodies[side], new.bodies[side]
        if not was or not now:
            continue
        level = Level.HIGH if side == "response" else Level.MEDIUM
        if not had:
            yield Change(f"{side}-shape", level, name, f"{part} is new in {side}s", more_often(0, was, has, now))
        elif not has and had >= ALWAYS * was:
            yield Change(f"{side}-shape", level, name, f"{part} is gone from {side}s", more_often(0, now, had, was))


def _series(before: Summary, after: Summary) -> Iterator[Change]:
    for name in sorted(before.series.keys() & after.series.keys()):
        old, new = _joined(before.series[name]), _joined(after.series[name])
        if min(len(old), len(new)) < LEAST:
            continue
        was, now = float(np.median(old)), float(np.median(new))
        spread = 1.4826 * float(np.median(np.abs(old - was)))
        if abs(now - was) > SHIFTED * spread and max(abs(now), abs(was)) >= SLOWER * min(abs(now), abs(was)):
            chance = 2.0 * min(shift(old, new), shift(new, old), 0.5)
            yield Change("metric-level", Level.MEDIUM, name, f"median {now:.6g}, {was:.6g} before", chance)


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.empty(0)
