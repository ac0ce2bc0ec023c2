"""SafeBatch to windows: the features room's one entrance.

Rows are taken in as columns; windows are closed in event time; what comes out does not depend on how
the journal was cut into chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.features.alerts import Alerts
from vedette.features.arrivals import Arrivals
from vedette.features.closed import occurrences_of
from vedette.features.columns import is_request, labels, numbers, texts, times
from vedette.features.context import ClosedContext, items_by_hash
from vedette.features.deeds import Deeds
from vedette.features.logs import ERRORS, Logs
from vedette.features.marks import Marks
from vedette.features.metrics import Metrics, sources_of
from vedette.features.overrides import Overrides
from vedette.features.owners import Owners
from vedette.features.parameters import Parameters
from vedette.features.presence import Presence
from vedette.features.registry import Slots, scopes_from, scopes_tree, series_from, series_tree
from vedette.features.requests import RequestRows, Requests, shape_items
from vedette.features.samples import Samples
from vedette.features.sessions import Sessions
from vedette.features.spans import spans_of
from vedette.features.tiers import Tiers
from vedette.features.traces import Traces
from vedette.features.watermark import Watermark
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.records.observation import Scope, Series
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
MAX_SHAPES: Final = 20_000
ALL: Final = 1 << 31
SESSION_IDLE: Final = 120 * SECOND
WHO: Final = {"client": schema.CLIENT, "user": schema.USER}
VERSION: Final = 6


class Part(Protocol):
    """What keeps something from step to step."""

    def snapshot(self) -> Tree:
        """Return it as JSON-able rows and arrays."""

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""


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
        said = Overrides(overrides)
        self._owners = Owners(self.segments, said, width)
        self.tiers = Tiers(self.segments, said)
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
        self.traces = Traces(self.segments, self.series, self.scopes, width, max_segments // 2, overrides=said)
        self._presence = Presence(self.series, width)
        self._parts: dict[str, Part] = {
            "watermark": self.watermark,
            "routes": self._owners,
            "requests": self._requests,
            "logs": self._logs,
            "metrics": self._metrics,
            "samples": self._samples,
            "arrivals": self._arrivals,
            "marks": self._marks,
            "alerts": self.alerts,
            "deeds": self.deeds,
            "traces": self.traces,
            "parameters": self.parameters,
            "sessions": self.sessions,
        }
        """What is remembered, by its name in a snapshot; values of lines come after the templates of logs."""

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
        service = self._owners.services(columns)
        self.tiers.take(columns, window, service)
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
        service = self._owners.services(columns)
        names, systems = self.traces.names, self.traces.inferred.systems
        rows, measured = spans_of(columns, stamps, service, names, systems, self.traces.longest)
        window = rows.end - rows.end % self.watermark.width
        kept = np.flatnonzero(measured & self.watermark.is_open(window, stamps, latest))
        self.traces.take(window[kept], rows.only(kept))

    def _take_requests(self, columns: pa.RecordBatch, window: Ints, service: Ints, status: Floats) -> None:
        route = self._owners.routes(columns, window, service, status)
        shape = labels(columns, schema.BODY_SHAPE).numbers(self._requests.shapes, MAX_SHAPES)
        who = {entity: texts(columns, name).numbers(self._requests.names[entity], ALL) for entity, name in WHO.items()}
        failed = labels(columns, schema.ERROR_TYPE).present & ~(status < 500)
        duration, size = numbers(columns, schema.DURATION), numbers(columns, schema.RESPONSE_SIZE)
        sent = numbers(columns, schema.REQUEST_SIZE) if schema.REQUEST_SIZE in columns.schema.names else None
        self._requests.take(RequestRows(window, route, service, status, failed, duration, size, sent, who, shape))
        segment = np.where(route >= 0, route, service)
        self._samples.offer(columns, window, segment, shape, status, self._requests.shapes)

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
        service = self._owners.services(columns)
        self.tiers.take(columns, window, service)
        known, number, sources = sources_of(columns, service, self.segments)
        value = numbers(columns, schema.METRIC_VALUE)
        count = np.nan_to_num(numbers(columns, schema.METRIC_COUNT)).astype(np.int64)
        good = known & np.isfinite(value)
        self._metrics.take(window[good], stamps[good], number[good], sources, value[good], count[good])

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
        self._presence.note((rates, lines, gauges, spans))
        names = self._requests.names
        samples = self._samples.take(open_from)
        items = cache(self._item_texts)
        for start in due:
            self.tiers.close(start)
            self.tiers.infer(closed.inferred.get(start, {}))
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
            yield Window(
                start,
                self.watermark.width,
                self.series.fresh(),
                self.scopes.fresh(),
                self._presence.measures(start, numbers),
                occurrences_of(start, self.watermark.width, items_of_all),
                context,
                marks=tuple(marks.get(start, ())),
                days=tuple(days),
                calls=tuple(closed.calls.get(start, ())),
                alerts=tuple(alerts.get(start, ())),
                ended=ended,
            )

    def _item_texts(self) -> dict[int, str]:
        parts = (part for shape in self._requests.shapes.texts for part in shape_items(shape))
        templates = (self._logs.templates.text(number) for number in range(self._logs.templates.size))
        endpoints = (text for segment in self.segments.keys for text in (segment.operation, segment.service))
        return items_by_hash([*parts, *templates, *endpoints, *self._arrivals.texts, *self.parameters.texts])

    def snapshot(self) -> Tree:
        """Return the whole state: open windows, slots, and what was learned of routes and templates."""
        return {
            "version": VERSION,
            "segments": [[key.environment, key.service, key.operation] for key in self.segments.keys],
            "series": series_tree(self.series.keys),
            "scopes": scopes_tree(self.scopes.keys),
            **self._presence.snapshot(),
            "tiers": self.tiers.snapshot(),
            **{name: part.snapshot() for name, part in self._parts.items()},
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"features state has version {tree.get('version')!r}, expected {VERSION}")
        self.segments.load(Segment(*parts) for parts in tree["segments"])
        self.series.load(series_from(tree["series"]))
        self.scopes.load(scopes_from(tree["scopes"]))
        self._presence.restore(tree)
        self.tiers.restore(tree.get("tiers", {}))
        for name, part in self._parts.items():
            part.restore(tree[name])
