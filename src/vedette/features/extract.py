"""SafeBatch to windows: the features room's one entrance.

Rows are taken in as columns; windows are closed in event time; what comes out does not depend on how
the journal was cut into chunks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.features.alerts import Alerts
from vedette.features.arrivals import Arrivals
from vedette.features.closed import Items, Numbers, occurrences_of
from vedette.features.columns import Labels, distinct, is_request, labels, numbers, texts, times
from vedette.features.context import ClosedContext, items_by_hash
from vedette.features.deeds import Deeds
from vedette.features.logs import ERRORS, Logs
from vedette.features.marks import Marks
from vedette.features.metrics import Metrics, Source
from vedette.features.names import Names
from vedette.features.overrides import Overrides
from vedette.features.parameters import Parameters
from vedette.features.registry import Slots, scopes_from, scopes_tree, series_from, series_tree
from vedette.features.requests import RequestRows, Requests, shape_items
from vedette.features.routes import Routes
from vedette.features.samples import Samples
from vedette.features.sessions import Sessions
from vedette.features.spans import SpanRows, keys_of
from vedette.features.traces import MOST_NAMES, Traces
from vedette.features.watermark import Watermark
from vedette.kernels import ints as kernel
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.records.observation import Measures, Quantity, Scope, Series
from vedette.records.override import Override
from vedette.records.schema import Signal
from vedette.records.segment import Segment
from vedette.records.session import Ended
from vedette.records.time import SECOND
from vedette.records.window import Window
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SLICE: Final = 16_384
"""Rows taken in at once: keeps the open cells of a sparse history small."""

SERIES_PER_SEGMENT: Final = 16
ZERO_FILLED: Final = (Quantity.COUNT, Quantity.DISTINCT)
"""No event in a window means zero for these, and nothing for all others."""

DENSE: Final = 0.3
"""Share of windows with events from which on a window without any is an observation, too. Of sparser
series only what happens is judged: nobody misses a page that is asked for twice a day."""

DENSITY_MEMORY: Final = 86_400 * SECOND

MAX_SHAPES: Final = 20_000
ALL: Final = 1 << 31
SESSION_IDLE: Final = 120 * SECOND
WHO: Final = {"client": schema.CLIENT, "user": schema.USER}
VERSION: Final = 6


class Extractor:
    """Turns a shard's batches into closed windows.

    Parameters
    ----------
    width, lateness
        Length of a window and how late an event may be, ns.
    max_segments
        Routes beyond it are watched as part of their service only, and counted as blind.
    max_entities
        Users beyond it are watched as part of their services only, and counted as blind.
    session_idle
        Silence after which a session of log lines is over, ns.
    overrides
        What the operator says of services.
    """

    def __init__(
        self,
        width: int,
        lateness: int,
        max_segments: int,
        max_entities: int,
        session_idle: int = SESSION_IDLE,
        overrides: Sequence[Override] = (),
    ) -> None:
        self.watermark = Watermark(width, lateness)
        self.segments: Slots[Segment] = Slots(max_segments)
        self.series: Slots[Series] = Slots(max_segments * SERIES_PER_SEGMENT)
        self.scopes: Slots[Scope] = Slots(max_segments * 2)
        self._overrides = Overrides(overrides)
        self._routes = Routes(width)
        self._route_numbers: dict[tuple[int, str, str], int] = {}
        """Number of the segment of a service, method and route."""
        self._routes_of: Counter[Segment] = Counter()
        """Routes that are watched on their own, by service."""
        self._requests = Requests(self.segments, self.series, self.scopes)
        self._logs = Logs(self.segments, self.series, self.scopes)
        self._metrics = Metrics(self.series, width)
        self._arrivals = Arrivals(self.segments, self.scopes)
        self._marks = Marks(self.segments)
        self.alerts = Alerts(self.segments)
        self.deeds = Deeds(self.segments, max_entities)
        self.parameters = Parameters(self.segments, self.scopes, self._logs.templates)
        self.sessions = Sessions(self.segments, self.scopes, session_idle)
        self._samples = Samples()
        self.traces = Traces(self.segments, self.series, self.scopes, width, max_segments // 2)
        self._born = np.zeros(0, np.int64)
        self._zero = np.zeros(0, np.bool_)
        self._age = np.zeros(0)
        self._density = np.zeros(0)

    def step(self, batches: Sequence[SafeBatch], tick: int | None = None) -> Iterator[Window]:
        """Take in a chunk; yield the windows that it closes, in order."""
        for batch in batches:
            for start in range(0, len(batch), SLICE):
                self._take(batch.signal, batch.columns.slice(start, SLICE))
                yield from self._close(flush=False)
        if tick is not None:
            self.watermark.tick(tick)
            yield from self._close(flush=False)

    def flush(self) -> Iterator[Window]:
        """Close every window that holds data, as at the end of a file."""
        yield from self._close(flush=True)

    def _take(self, signal: Signal, columns: pa.RecordBatch) -> None:
        stamps, latest = times(columns), self.watermark.latest
        keep = self.watermark.admit(stamps)
        if signal is Signal.SPAN:
            self._take_spans(columns, stamps, latest)
        if not keep.all():
            columns, stamps = columns.filter(pa.array(keep)), stamps[keep]
        window = stamps - stamps % self.watermark.width
        if signal is Signal.METRIC:
            self._take_metrics(columns, window, stamps)
        else:
            self._take_events(signal, columns, window, stamps)

    def _take_events(self, signal: Signal, columns: pa.RecordBatch, window: Ints, stamps: Ints) -> None:
        service = self._service_segments(columns)
        self._marks.take(columns, window, service, stamps)
        self.deeds.take(columns, stamps, service)
        request, status = is_request(signal, columns), numbers(columns, schema.STATUS)
        if request.all():
            self._take_requests(columns, window, service, status)
        elif request.any():
            inside = columns.filter(pa.array(request))
            self._take_requests(inside, window[request], service[request], status[request])
        if signal is Signal.LOG and schema.BODY in columns.schema.names:
            self._take_lines(columns, window, service, status, stamps)
        if signal is Signal.LOG and not request.all():
            lines = pa.array(~request)
            self._arrivals.take(columns.filter(lines), window[~request], service[~request])

    def _take_spans(self, columns: pa.RecordBatch, stamps: Ints, latest: int) -> None:
        """Hold spans until the window in which they end closes: a long one began in a window that is closed."""
        trace, key, above = keys_of(columns)
        duration, service = numbers(columns, schema.DURATION), self._service_segments(columns)
        measured = (duration >= 0) & (duration <= self.traces.longest / SECOND) & (key != 0) & (service >= 0)
        end = stamps + np.where(measured, duration * SECOND, 0.0).astype(np.int64)
        window = end - end % self.watermark.width
        kept = np.flatnonzero(measured & self.watermark.is_open(window, stamps, latest))
        kind = labels(columns, schema.SPAN_KIND)
        calling = np.array([value in ("client", "producer") for value in kind.values] + [False], np.bool_)[kind.codes]
        name = _named(labels(columns, schema.SPAN_NAME), self.traces.names, MOST_NAMES)
        failed = labels(columns, schema.ERROR_TYPE).present
        rows = SpanRows(trace, key, above, stamps, end, service, name, failed, calling)
        self.traces.take(window[kept], rows.only(kept))

    def _service_segments(self, columns: pa.RecordBatch) -> Ints:
        """Return each row's service segment number, opening new ones in order of first occurrence."""
        environment, service = labels(columns, schema.ENVIRONMENT), labels(columns, schema.SERVICE)
        pairs, place = distinct((environment.codes + 1) * (len(service.values) + 1) + service.codes + 1)
        found = [
            self._service_slot(_value(environment, int(env) - 1), _value(service, int(svc) - 1))
            for env, svc in (divmod(pair, len(service.values) + 1) for pair in pairs.tolist())
        ]
        slots: Ints = np.array(found, np.int64)[place]
        return slots

    def _service_slot(self, environment: str, service: str) -> int:
        segment = self._overrides.segment(environment, service)
        return -1 if segment is None else self.segments.slot(segment)

    def _take_requests(self, columns: pa.RecordBatch, window: Ints, service: Ints, status: Floats) -> None:
        route = self._route_segments(columns, window, service, status)
        shape = _named(labels(columns, schema.BODY_SHAPE), self._requests.shapes, MAX_SHAPES)
        who = {entity: texts(columns, name).numbers(self._requests.names[entity], ALL) for entity, name in WHO.items()}
        failed = labels(columns, schema.ERROR_TYPE).present & ~(status < 500)
        duration, size = numbers(columns, schema.DURATION), numbers(columns, schema.RESPONSE_SIZE)
        sent = numbers(columns, schema.REQUEST_SIZE) if schema.REQUEST_SIZE in columns.schema.names else None
        self._requests.take(RequestRows(window, route, service, status, failed, duration, size, sent, who, shape))
        segment = np.where(route >= 0, route, service)
        self._samples.offer(columns, window, segment, shape, status, self._requests.shapes)

    def _route_segments(self, columns: pa.RecordBatch, window: Ints, service: Ints, status: Floats) -> Ints:
        """Return each row's segment number by method and route; routes are learned where none is given."""
        method, given = labels(columns, schema.METHOD), labels(columns, schema.ROUTE)
        learned = self._routes.assign(texts(columns, schema.PATH), window, status)
        route = np.where(given.present, given.codes, np.where(learned.present, len(given.values) + learned.codes, -1))
        routes = [*given.values, *learned.values, ""]
        combined = (service * (len(method.values) + 1) + method.codes + 1) * len(routes) + route + 1
        rows, place = kernel.distinct(combined)
        sorts = zip(service[rows].tolist(), method.codes[rows].tolist(), route[rows].tolist(), strict=True)
        found = [self._route_segment(part, _value(method, code), routes[path]) for part, code, path in sorts]
        slots: Ints = np.array(found, np.int64)[place]
        return slots

    def _route_segment(self, service: int, method: str, route: str) -> int:
        known = self._route_numbers.get((service, method, route), -1)
        if service < 0 or known >= 0:
            return known
        whole = self.segments.keys[service]
        segment = Segment(whole.environment, whole.service, f"{method} {route}".strip())
        fresh = segment not in self.segments.numbers
        if fresh and not self._overrides.may_open(whole, self._routes_of[whole]):
            return -1
        number = self.segments.slot(segment)
        if number >= 0:
            self._routes_of[whole] += fresh
            self._route_numbers[service, method, route] = number
        return number

    def _take_lines(self, columns: pa.RecordBatch, window: Ints, service: Ints, status: Floats, stamps: Ints) -> None:
        severity = labels(columns, schema.SEVERITY)
        bad = np.array([text.lower() in ERRORS for text in severity.values] + [False], np.bool_)
        alert = labels(columns, schema.ALERT).present
        template = self._logs.templates.assign(columns.column(schema.BODY), alert).astype(np.int64)
        self._logs.take(window, service, bad[severity.codes], template)
        self.alerts.take(columns, window, service, stamps, template, self._logs.templates.text)
        self.parameters.take(columns.column(schema.BODY), window, service, template)
        self.sessions.take(columns, window, service, template, stamps)
        self._samples.offer(columns, window, service, template, status, None)

    def _take_metrics(self, columns: pa.RecordBatch, window: Ints, stamps: Ints) -> None:
        service = self._service_segments(columns)
        name, kind = labels(columns, schema.METRIC_NAME), labels(columns, schema.METRIC_KIND)
        attributes = labels(columns, schema.ATTRIBUTES)
        key = (service * (len(name.values) + 1) + name.codes + 1) * (len(kind.values) + 1) + kind.codes + 1
        rows, place = kernel.distinct(key * (len(attributes.values) + 1) + attributes.codes + 1)
        known = (name.codes >= 0) & (service >= 0)
        whose = {slot: self.segments.keys[slot].order for slot in np.unique(service[known]).tolist()}
        told = rows[known[rows]]
        sources: list[Source] = [
            (*whose[slot], _metric_name(name.values[one], _value(attributes, more)), _value(kind, sort) or "gauge")
            for slot, one, more, sort in zip(
                service[told].tolist(),
                name.codes[told].tolist(),
                attributes.codes[told].tolist(),
                kind.codes[told].tolist(),
                strict=True,
            )
        ]
        number = np.cumsum(known[rows]) - 1
        value = numbers(columns, schema.METRIC_VALUE)
        count = np.nan_to_num(numbers(columns, schema.METRIC_COUNT)).astype(np.int64)
        good = known & np.isfinite(value)
        self._metrics.take(window[good], stamps[good], number[place][good], sources, value[good], count[good])

    def _close(self, *, flush: bool) -> Iterator[Window]:
        with_data = np.unique(
            np.concatenate(
                [
                    part.starts()
                    for part in (self._requests.cells, self._logs.cells, self._metrics, self._arrivals, self._marks)
                ]
                + [self.traces.starts(self.watermark.last_data)]
            )
        )
        due = list(self.watermark.flush(with_data) if flush else self.watermark.due(with_data))
        if not due:
            return
        open_from = self.watermark.open_from
        rates, built, requests = self._requests.close(open_from)
        lines, kinds, logs = self._logs.close(open_from)
        values = self.parameters.close(open_from)
        gauges = self._metrics.close(open_from)
        arrived = self._arrivals.close(open_from)
        marks, alerts = self._marks.close(open_from), self.alerts.close(open_from)
        spans, callees, closed = self.traces.close(open_from)
        self._note_births((rates, lines, gauges, spans))
        names = self._requests.names
        samples = self._samples.take(open_from)
        items = cache(self._item_texts)
        for start in due:
            days = self.deeds.close(start + self.watermark.width)
            deeds = {segment: events for day in days for segment, events in day.events().items()}
            context = ClosedContext(
                start,
                self.segments.numbers,
                (requests, logs),
                names,
                samples.get(start, []),
                items,
                deeds,
                closed.events.get(start, {}),
            )
            ended = Ended(self.sessions.close(start, start + self.watermark.width), self._logs.templates.text)
            numbers, items_of_all = (rates, lines, gauges, spans), (built, kinds, values, arrived, callees)
            window = self._window(start, numbers, items_of_all, context)
            calls, told = tuple(closed.calls.get(start, ())), tuple(alerts.get(start, ()))
            marked = tuple(marks.get(start, ()))
            yield replace(window, marks=marked, days=tuple(days), calls=calls, alerts=told, ended=ended)

    def _note_births(self, parts: Sequence[Numbers]) -> None:
        """Remember in which window each new series was first seen; before it, absence means nothing."""
        known, total = len(self._born), len(self.series)
        born = np.full(total - known, np.iinfo(np.int64).max)
        for part in parts:
            new = part.slot >= known
            np.minimum.at(born, part.slot[new] - known, part.window[new])
        self._born = np.concatenate([self._born, born])
        zero = [series.quantity in ZERO_FILLED for series in self.series.keys[known:]]
        self._zero = np.concatenate([self._zero, np.array(zero, np.bool_)])
        self._age = np.concatenate([self._age, np.zeros(len(zero))])
        self._density = np.concatenate([self._density, np.zeros(len(zero))])

    def _window(
        self,
        start: int,
        numbers: Sequence[Numbers],
        items: Sequence[Items],
        context: ClosedContext,
    ) -> Window:
        return Window(
            start,
            self.watermark.width,
            self.series.fresh(),
            self.scopes.fresh(),
            self._measures(start, numbers),
            occurrences_of(start, self.watermark.width, items),
            context,
        )

    def _measures(self, start: int, parts: Sequence[Numbers]) -> Measures:
        """Return the window's numbers by slot; counts that did not occur are zero."""
        value, weight = np.zeros(len(self._born)), np.zeros(len(self._born))
        present = np.zeros(len(self._born), np.bool_)
        for part in parts:
            rows = slice(*np.searchsorted(part.window, [start, start + 1]).tolist())
            value[part.slot[rows]] = part.value[rows]
            weight[part.slot[rows]] = part.weight[rows]
            present[part.slot[rows]] = True
        alive = self._born <= start
        self._age += alive
        pace = np.maximum(1.0 / np.maximum(self._age, 1.0), self.watermark.width / DENSITY_MEMORY)
        self._density += alive * pace * (present - self._density)
        slot = np.flatnonzero(present | (self._zero & alive & (self._density >= DENSE)))
        return Measures(start, self.watermark.width, slot.astype(np.int32), value[slot], weight[slot])

    def _item_texts(self) -> dict[int, str]:
        parts = (part for shape in self._requests.shapes.texts for part in shape_items(shape))
        templates = (self._logs.templates.text(number) for number in range(self._logs.templates.size))
        endpoints = (text for segment in self.segments.keys for text in (segment.operation, segment.service))
        return items_by_hash([*parts, *templates, *endpoints, *self._arrivals.texts, *self.parameters.texts])

    def snapshot(self) -> Tree:
        """Return the whole state: open windows, slots, and what was learned of routes and templates."""
        return {
            "version": VERSION,
            "watermark": self.watermark.snapshot(),
            "segments": [[key.environment, key.service, key.operation] for key in self.segments.keys],
            "series": series_tree(self.series.keys),
            "scopes": scopes_tree(self.scopes.keys),
            "born": self._born.copy(),
            "age": self._age.copy(),
            "density": self._density.copy(),
            "routes": self._routes.snapshot(),
            "requests": self._requests.snapshot(),
            "logs": self._logs.snapshot(),
            "metrics": self._metrics.snapshot(),
            "samples": self._samples.snapshot(),
            "arrivals": self._arrivals.snapshot(),
            "marks": self._marks.snapshot(),
            "alerts": self.alerts.snapshot(),
            "deeds": self.deeds.snapshot(),
            "traces": self.traces.snapshot(),
            "parameters": self.parameters.snapshot(),
            "sessions": self.sessions.snapshot(),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"features state has version {tree.get('version')!r}, expected {VERSION}")
        self.watermark.restore(tree["watermark"])
        self.segments.load(Segment(*parts) for parts in tree["segments"])
        self.series.load(series_from(tree["series"]))
        self.scopes.load(scopes_from(tree["scopes"]))
        self._born = np.zeros(0, np.int64)
        self._zero = np.zeros(0, np.bool_)
        self._age = np.zeros(0)
        self._density = np.zeros(0)
        self._note_births(())
        self._born = tree["born"].copy()
        self._age = tree["age"].copy()
        self._density = tree["density"].copy()
        self._routes.restore(tree["routes"])
        self._route_numbers = {}
        self._routes_of = Counter(one.whole for one in self.segments.keys if one.operation)
        self._requests.restore(tree["requests"])
        self._logs.restore(tree["logs"])
        self._metrics.restore(tree["metrics"])
        self._samples.restore(tree["samples"])
        self._arrivals.restore(tree["arrivals"])
        self._marks.restore(tree["marks"])
        self.alerts.restore(tree["alerts"])
        self.deeds.restore(tree["deeds"])
        self.traces.restore(tree["traces"])
        self.parameters.restore(tree["parameters"])
        self.sessions.restore(tree["sessions"])


def _named(column: Labels, names: Names, limit: int) -> Ints:
    """Return each row's number among `names`, new ones in order of first occurrence; -1 for null."""
    if not column.values:
        return column.codes
    codes, place = distinct(column.codes)
    numbered = [names.number(column.values[code], limit) if code >= 0 else -1 for code in codes.tolist()]
    numbers: Ints = np.array(numbered, np.int64)[place]
    return numbers


def _value(column: Labels, code: int) -> str:
    return column.values[code] if code >= 0 else ""


def _metric_name(name: str, attributes: str) -> str:
    return f"{name}{{{attributes}}}" if attributes else name
