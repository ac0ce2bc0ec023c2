"""Plays the shop's traffic through gate and shard, without a server."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, field

from vedette.assembly import make_entry, make_shard
from vedette.config.load import load
from vedette.decode.otlp import decode_spans
from vedette.journal.log import Chunk
from vedette.pipeline import Shard
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.context import Notice
from vedette.records.document import Document, finding_to_document, to_document
from vedette.records.report import Report
from vedette.simulate.dataset import payloads, shop_visits
from vedette.simulate.model import Visit
from vedette.state.codec import decode, encode

DAY = 86_400
END = 1_790_000_000 - 1_790_000_000 % DAY + 14 * 3600
"""A Monday, 14:00 UTC."""

KEY = b"k" * 32

Entry = Callable[[RawBatch], SafeBatch]


@dataclass
class Story:
    """What a run told, in order."""

    findings: list[Document] = field(default_factory=list)
    incidents: dict[str, Document] = field(default_factory=dict)
    linked: dict[str, set[str]] = field(default_factory=dict)
    """Ids of all findings of each incident."""

    def note(self, report: Report) -> None:
        """Take in a report."""
        self.findings += [finding_to_document(finding) for finding in report.findings]
        self.incidents.update({incident.id: to_document(incident) for incident in report.incidents})
        for incident in report.incidents:
            self.linked.setdefault(incident.id, set()).update(incident.finding_ids)

    @property
    def fired(self) -> list[Document]:
        """Incidents that a person would have been told of."""
        return [one for one in self.incidents.values() if one["phase"] != "pending"]


def shard(window: str = "60s") -> Shard:
    """Return a shard of the default configuration."""
    return make_shard(load(None, overrides={"features.window": window, "features.lateness": "5s"}))


def batches(days: float, rate: float, attack: str = "", attack_at: float = 0.0, seed: int = 7) -> Iterator[SafeBatch]:
    """Yield the shop's telemetry, protected."""
    return protected(shop_visits(days, rate, seed, END, attack, attack_at), seed)


def entry() -> Entry:
    """Return the way in of the default configuration; it takes a tenth of a second to make."""
    return make_entry(load(None), KEY)


def protected(visits: Iterator[Visit], seed: int = 7, enter: Entry | None = None) -> Iterator[SafeBatch]:
    """Yield visits as telemetry, protected."""
    enter = enter or entry()
    for body in payloads(visits, seed):
        for batch in decode_spans(body, 0).batches:
            yield enter(batch)


def cut(batch: SafeBatch, size: int) -> list[SafeBatch]:
    """Return a batch in parts of `size` rows."""
    return [SafeBatch(batch.signal, batch.columns.slice(start, size)) for start in range(0, len(batch), size)]


def interrupted(parts: Iterable[SafeBatch], is_due: Callable[[int], bool]) -> Story:
    """Run batches as one chunk each; before those whose number, from 1, `is_due` says, the shard is restored anew."""
    model, story = shard(), Story()
    for number, part in enumerate(parts, 1):
        if is_due(number):
            fresh = shard()
            fresh.restore(decode(encode(model.snapshot())))
            model = fresh
        story.note(model.step(Chunk(number, None, (part,))))
    story.note(model.finish())
    return story


def as_bytes(story: Story) -> bytes:
    """Return all that was told, byte for byte."""
    return json.dumps([story.findings, story.incidents], sort_keys=True).encode()


def play(
    model: Shard, stream: Iterable[SafeBatch], notices: Sequence[Notice] = (), story: Story | None = None
) -> Story:
    """Run batches as one chunk each, after a chunk of notices if there are any, then close what is open.

    What is told is added to `story`, if one is given.
    """
    story = story or Story()
    story.note(model.step(Chunk(0, None, (), tuple(notices))))
    for number, batch in enumerate(stream, 1):
        story.note(model.step(Chunk(number, None, (batch,))))
    story.note(model.finish())
    return story


class Learned:
    """What a shard has learned of a stream, and told of it; any sequel can be played from there, as often as wanted."""

    def __init__(self, stream: Iterable[SafeBatch], make: Callable[[], Shard] = shard) -> None:
        self._make, self._told = make, Story()
        self._keep(make(), stream)

    def _keep(self, model: Shard, stream: Iterable[SafeBatch]) -> None:
        for number, batch in enumerate(stream, 1):
            self._told.note(model.step(Chunk(number, None, (batch,))))
        self._tree, self.states = encode(model.snapshot()), model.states

    def longer(self, stream: Iterable[SafeBatch]) -> Learned:
        """Return a past that goes on to the end of a stream."""
        other = copy(self)
        other._told = self.story()
        other._keep(self.shard(), stream)
        return other

    def shard(self) -> Shard:
        """Return a shard that knows this past."""
        model = self._make()
        model.restore(decode(self._tree))
        model.states = deepcopy(self.states)
        return model

    def story(self) -> Story:
        """Return what was told so far, to be added to."""
        return deepcopy(self._told)

    def then(self, stream: Iterable[SafeBatch], notices: Sequence[Notice] = ()) -> Story:
        """Play what comes next; the story is that of the past, too."""
        return play(self.shard(), stream, notices, self.story())


REST = 7 * 3600.0
"""Seconds of the shop's two days that are left for a story."""


class Shop:
    """Two days of the shop but for the last hours, learned once; the visits of these."""

    def __init__(self) -> None:
        visits = list(shop_visits(2.0, 1.0, 7, END))
        cut = bisect_left(visits, END - REST, key=lambda visit: visit.time)
        self.past = Learned(protected(iter(visits[:cut])))
        self._rest = visits[cut:]

    def rest(self) -> Iterator[Visit]:
        """Yield the ordinary visits of the last hours."""
        return iter(self._rest)

    def then(self, visits: Iterable[Visit], notices: Sequence[Notice] = ()) -> Story:
        """Play these visits as the last hours, announced at their beginning what is planned."""
        return self.past.then(sequel(visits), notices)


def sequel(visits: Iterable[Visit]) -> Iterator[SafeBatch]:
    """Yield visits as telemetry, protected; no id of a span is one of the past."""
    return protected(iter(visits), 1000)
