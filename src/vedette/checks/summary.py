"""What one run did, summed up from its logs, spans and metrics."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.templates import Templates
from vedette.records import schema
from vedette.records.batch import Decoded
from vedette.records.schema import Signal

ERRORS: Final = ("ERR", "FATAL", "CRIT", "ALERT", "EMERG", "PANIC", "SEVERE")
"""Beginnings of severities that are errors."""

RESPONSE_SHAPE: Final = "vedette.response.shape"
"""Key of JSON lines with the structure of the answer's body, written as `schema.BODY_SHAPE` is."""

_ID: Final = re.compile(r"\d+|(?=.*\d)[0-9a-fA-F-]{8,}|(?=(?:\D*\d){4})[\w~=+%-]{20,}")


@dataclass
class Route:
    """What one route answered; seconds and bytes."""

    count: int = 0
    failed: int = 0
    seconds: list[NDArray[np.float64]] = field(default_factory=list)
    sizes: list[NDArray[np.float64]] = field(default_factory=list)
    shapes: Counter[str] = field(default_factory=Counter)
    """Members of bodies, as ``request name:type`` or ``response name:type``, by how many bodies had them."""
    bodies: Counter[str] = field(default_factory=Counter)
    """Bodies by side: ``request``, ``response``."""


@dataclass
class Summary:
    """One run. Templates are shared by both runs, so that they mean the same."""

    templates: Templates
    lines: int = 0
    unreadable: int = 0
    seen: Counter[int] = field(default_factory=Counter)
    """Lines by template."""
    errors: Counter[int] = field(default_factory=Counter)
    """Lines of an error's severity by template."""
    routes: defaultdict[str, Route] = field(default_factory=lambda: defaultdict(Route))
    series: defaultdict[str, list[NDArray[np.float64]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, decoded: Decoded) -> None:
        """Take in decoded telemetry."""
        self.unreadable += len(decoded.dead)
        for batch in decoded.batches:
            if batch.signal is Signal.METRIC:
                self._metrics(batch.columns)
                continue
            self._bodies(batch.columns)
            self._requests(batch.columns)

    def put_series(self, name: str, values: NDArray[np.float64]) -> None:
        """Take in the values of one metric."""
        self.series[name].append(values)

    def _metrics(self, columns: pa.RecordBatch) -> None:
        texts = [_texts(columns, name) for name in (schema.SERVICE, schema.METRIC_NAME, schema.ATTRIBUTES)]
        kinds, values = _texts(columns, schema.METRIC_KIND), _numbers(columns, schema.METRIC_VALUE)
        counts = _numbers(columns, schema.METRIC_COUNT)
        for row, kind in enumerate(kinds):
            value = values[row]
            if kind == "histogram":
                value = value / counts[row] if counts[row] > 0 else np.nan
            if kind != "cumulative" and np.isfinite(value):
                self.series[" ".join(filter(None, (column[row] for column in texts)))].append(np.array([value]))

    def _bodies(self, columns: pa.RecordBatch) -> None:
        if schema.BODY not in columns.schema.names:
            return
        bodies = columns.column(schema.BODY).cast(pa.string())
        numbers = self.templates.assign(bodies)
        severities = _texts(columns, schema.SEVERITY)
        self.lines += int((numbers >= 0).sum())
        for number, severity in zip(numbers.tolist(), severities, strict=True):
            if number < 0:
                continue
            self.seen[number] += 1
            if severity and severity.upper().startswith(ERRORS):
                self.errors[number] += 1

    def _requests(self, columns: pa.RecordBatch) -> None:
        names = _route_names(columns)
        if not any(names):
            return
        seconds, sizes = _numbers(columns, schema.DURATION), _numbers(columns, schema.RESPONSE_SIZE)
        status, shapes = _numbers(columns, schema.STATUS), _texts(columns, schema.BODY_SHAPE)
        answers = _answers(columns)
        rows = defaultdict(list)
        for row, name in enumerate(names):
            if name:
                rows[name].append(row)
        for name, mine in rows.items():
            route, place = self.routes[name], np.array(mine)
            route.count += len(mine)
            route.failed += int((status[place] >= 500).sum())
            route.seconds.append(seconds[place][np.isfinite(seconds[place])])
            route.sizes.append(sizes[place][np.isfinite(sizes[place])])
            for row in mine:
                _shape(route, "request", shapes[row])
                _shape(route, "response", answers[row])


def _shape(route: Route, side: str, shape: str | None) -> None:
    """Count the members of a body: name and type, not how long values are."""
    if shape is None:
        return
    route.bodies[side] += 1
    route.shapes.update({f"{side} {':'.join(part.split(':')[:2])}" for part in shape.split("|") if part})


def _answers(columns: pa.RecordBatch) -> list[str | None]:
    raws = _texts(columns, schema.RAW)
    return [orjson.loads(raw).get(RESPONSE_SHAPE) if raw and RESPONSE_SHAPE in raw else None for raw in raws]


def _route_names(columns: pa.RecordBatch) -> list[str]:
    """Return service, method and route of each row; without a route, the path with ids taken out of it."""
    services, methods = _texts(columns, schema.SERVICE), _texts(columns, schema.METHOD)
    routes, paths = _texts(columns, schema.ROUTE), _texts(columns, schema.PATH)
    known: dict[str, str] = {}
    out = []
    for service, method, route, path in zip(services, methods, routes, paths, strict=True):
        name = route or (known.setdefault(path, folded(path)) if path else "")
        out.append(" ".join(filter(None, (service, method, name))) if name else "")
    return out


def folded(path: str) -> str:
    """Return a path with what is an id in it replaced.

    >>> folded("/order/4711/items/0f8fad5b-d9cb-469f-a165-70867728950e")
    '/order/{id}/items/{id}'
    """
    return "/".join("{id}" if _ID.fullmatch(place) else place for place in path.split("/"))


def _texts(columns: pa.RecordBatch, name: str) -> list[str | None]:
    if name not in columns.schema.names:
        return [None] * columns.num_rows
    found: list[str | None] = columns.column(name).to_pylist()
    return found


def _numbers(columns: pa.RecordBatch, name: str) -> NDArray[np.float64]:
    if name not in columns.schema.names:
        return np.full(columns.num_rows, np.nan)
    found: NDArray[np.float64] = columns.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return found
