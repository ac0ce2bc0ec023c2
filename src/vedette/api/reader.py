"""What the API asks of the running product."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from vedette.records.attack import Table

Document = dict[str, Any]

Event = tuple[int | None, str, Document]
"""Number to resume after (None: not resumable), topic, data."""


class Page(Protocol):
    """A part of a list, and the cursor of the next part."""

    @property
    def items(self) -> Sequence[Document]:
        """Documents, newest first."""

    @property
    def next(self) -> str | None:
        """Opaque; None at the end."""


class Reader(Protocol):
    """The product as seen through the API.

    Duties: all but `subscribe` are called in worker threads, many at a time, and may block. Times
    are ns since the epoch. Documents have the fields of `vedette.api.models`; what a document has
    beyond those is not sent. `BadInput` becomes an answer of 400, `Backpressure` of 503.
    """

    def ready(self) -> bool:
        """Return whether recovery is over and events are taken in."""

    def status(self) -> Document:
        """Return `models.Status`; called once a second for all listeners together."""

    def incidents(
        self,
        *,
        phases: Sequence[str] | None,
        severities: Sequence[str] | None,
        segment: str | None,
        tiers: Sequence[str] | None,
        since: int | None,
        until: int | None,
        limit: int,
        cursor: str | None,
    ) -> Page:
        """Return incidents that fit every filter; None does not filter. A bad cursor is `BadInput`."""

    def incident(self, incident_id: str) -> Document | None:
        """Return an incident with its ``findings`` and ``similar`` ones, by id or unique prefix, or None."""

    def findings(self, incident_id: str, *, limit: int, cursor: str | None) -> Page | None:
        """Return a part of an incident's findings, oldest first, or None where there is no such incident."""

    def attack_table(self) -> Table:
        """Return the ATT&CK table in force."""

    def judge(self, incident_id: str, verdict: str | None, *, note: str, preview: bool, force: bool) -> Document | None:
        """Take in a verdict, or only say what it would do, and return `models.JudgedIncident`.

        None where there is no incident of that id; `BadInput` for one that would hide what was judged real.
        """

    def planned(self) -> list[Document]:
        """Return the planned events as `plan_models.Event`."""

    def plan(self, events: Sequence[Document]) -> Document:
        """Announce events, as `plan_models.NewEvent` has them, durably; return `plan_models.Planned`."""

    def withdraw(self, event_id: str) -> bool:
        """Take an event back; says whether it was there."""

    def rules(self) -> Document:
        """Return the rules in force as `models.Rules`."""

    def reload_rules(self) -> Document:
        """Read the rules again and return `models.RulesReloaded`; `BadInput` where they can't be, and the old stay."""

    def jobs(self) -> list[Document]:
        """Return the jobs that were found as `plan_models.Job`."""

    def adopt(self, job_id: str, title: str, days: int) -> Document | None:
        """Plan a job that was found for some days; return `plan_models.Planned`, or None if there is none such."""

    def silences(self) -> list[Document]:
        """Return all silences as `plan_models.Silence`."""

    def silence(self, wanted: Document) -> str:
        """Add a silence, as `plan_models.NewSilence` has it, and return its id; `BadInput` for one that can't be."""

    def end_silence(self, silence_id: str) -> bool:
        """End a silence; says whether it was there and lasted."""

    def segments(self) -> list[Document]:
        """Return all segments as `models.SegmentItem`."""

    def lanes(self, *, since: int, until: int, cells: int, limit: int, tiers: Sequence[str] | None) -> Document:
        """Return `models.Lanes`; `vedette.api.lanes.fold` makes it of series points."""

    def series(self, *, segment: str, feature: str, since: int, until: int, points: int) -> Document:
        """Return `models.Series`; `vedette.api.series.fold` makes it of series points.

        An empty `feature` asks for the one with the highest score.
        """

    def sources(self) -> list[Document]:
        """Return `models.SourceItem` of every way in."""

    def coverage(self) -> Document:
        """Return `coverage_models.Coverage`."""

    def matrix(self) -> Document:
        """Return `coverage_models.Matrix`."""

    def layer(self) -> Document:
        """Return a layer of the ATT&CK Navigator."""

    def keep_proof(self, account: Document) -> int:
        """Keep an account as `coverage_models.Account` has it; returns the number of techniques.

        `BadInput` for a bad date.
        """

    def channels(self) -> list[Document]:
        """Return all channels of notifications as `models.ReceiverItem`."""

    def try_channel(self, name: str) -> bool:
        """Send a test message; False where there is no such channel, `DeliveryFailed` where it was not taken."""

    def metrics_text(self) -> str:
        """Return our own metrics in the text format of Prometheus."""

    def subscribe(self, after: int | None) -> AsyncIterator[Event]:
        """Yield ``incident`` and ``lanes`` events as they come, first those missed since number `after`.

        Runs in the event loop and is closed when the listener leaves.
        """


async def _reader(connection: HTTPConnection) -> Reader:
    reader: Reader = connection.app.state.reader
    return reader


Product = Annotated[Reader, Depends(_reader)]
"""The reader of the application that a request came to."""
