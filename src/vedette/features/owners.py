"""Whose a row is: the segments of its service and of its route, opened as rows of them come."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.columns import distinct, labels, texts
from vedette.features.overrides import Overrides
from vedette.features.registry import Slots
from vedette.features.routes import Routes
from vedette.kernels import ints as kernel
from vedette.records import schema
from vedette.records.segment import Segment
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Owners:
    """Numbers of the segments of rows, new ones in order of first occurrence.

    Parameters
    ----------
    segments
        The shard's, by number.
    overrides
        What the operator says of services.
    width
        Length of a window, ns.
    """

    def __init__(self, segments: Slots[Segment], overrides: Overrides, width: int) -> None:
        self._segments = segments
        self._overrides = overrides
        self._routes = Routes(width)
        self._numbers: dict[tuple[int, str, str], int] = {}
        """Number of the segment of a service, method and route."""
        self._routes_of: Counter[Segment] = Counter()
        """Routes that are watched on their own, by service."""

    def services(self, columns: pa.RecordBatch) -> Ints:
        """Return the number of each row's service; -1 where it is not watched, or one too many."""
        environment, service = labels(columns, schema.ENVIRONMENT), labels(columns, schema.SERVICE)
        pairs, place = distinct((environment.codes + 1) * (len(service.values) + 1) + service.codes + 1)
        found = [
            self._service(environment.value(int(env) - 1), service.value(int(svc) - 1))
            for env, svc in (divmod(pair, len(service.values) + 1) for pair in pairs.tolist())
        ]
        slots: Ints = np.array(found, np.int64)[place]
        return slots

    def _service(self, environment: str, service: str) -> int:
        segment = self._overrides.segment(environment, service)
        return -1 if segment is None else self._segments.slot(segment)

    def routes(self, columns: pa.RecordBatch, window: Ints, service: Ints, status: Floats) -> Ints:
        """Return each request's segment by method and route; routes are learned where none is given."""
        method, given = labels(columns, schema.METHOD), labels(columns, schema.ROUTE)
        learned = self._routes.assign(texts(columns, schema.PATH), window, status)
        route = np.where(given.present, given.codes, np.where(learned.present, len(given.values) + learned.codes, -1))
        routes = [*given.values, *learned.values, ""]
        combined = (service * (len(method.values) + 1) + method.codes + 1) * len(routes) + route + 1
        rows, place = kernel.distinct(combined)
        sorts = zip(service[rows].tolist(), method.codes[rows].tolist(), route[rows].tolist(), strict=True)
        found = [self._route(part, method.value(code), routes[path]) for part, code, path in sorts]
        slots: Ints = np.array(found, np.int64)[place]
        return slots

    def _route(self, service: int, method: str, route: str) -> int:
        known = self._numbers.get((service, method, route), -1)
        if service < 0 or known >= 0:
            return known
        whole = self._segments.keys[service]
        segment = Segment(whole.environment, whole.service, f"{method} {route}".strip())
        fresh = segment not in self._segments.numbers
        if fresh and not self._overrides.may_open(whole, self._routes_of[whole]):
            return -1
        number = self._segments.slot(segment)
        if number >= 0:
            self._routes_of[whole] += fresh
            self._numbers[service, method, route] = number
        return number

    def snapshot(self) -> Tree:
        """Return the learned routes."""
        return self._routes.snapshot()

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; the segments are there already."""
        self._routes.restore(tree)
        self._numbers = {}
        self._routes_of = Counter(one.whole for one in self._segments.keys if one.operation)
