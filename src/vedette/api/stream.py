"""``/api/v1/stream``: what happens, as server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

from vedette.api.models import Incident, Status
from vedette.api.reader import Document, Event, Product, Reader
from vedette.errors import ConfigError, Unauthorized

router = APIRouter(tags=["stream"])


class Pulse:
    """The status for all listeners, asked for at most once a tick; and the sign that streams must end.

    Parameters
    ----------
    seconds
        Between ticks.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.closing = asyncio.Event()
        self._text = ""
        self._at = float("-inf")
        self._lock = asyncio.Lock()

    async def status(self, reader: Reader) -> str:
        """Return the status as JSON, at most a tick old."""
        async with self._lock:
            if time.monotonic() - self._at >= 0.9 * self.seconds:
                self._text = _text(Status, await run_in_threadpool(reader.status))
                self._at = time.monotonic()
            return self._text


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    request: Request, product: Product, last_event_id: Annotated[str | None, Header()] = None
) -> AsyncIterator[ServerSentEvent]:
    """Tell of incidents and closed windows as they come, and the status at each tick.

    Topics: ``tick`` (a status), ``incident`` (an incident; its id resumes), ``lanes`` (fetch again).
    It ends at a tick at which the listener is no longer let in.
    """
    after = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else None
    source = product.subscribe(after)
    try:
        async with aclosing(_live(request.app.state.pulse, product, source, lambda: _admitted(request))) as live:
            async for event in live:
                yield event
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()


async def _live(
    pulse: Pulse, reader: Reader, source: AsyncIterator[Event], admitted: Callable[[], bool] = lambda: True
) -> AsyncGenerator[ServerSentEvent]:
    """Yield events as they come and ticks between, until the server, the source or the admittance ends."""
    ended = asyncio.ensure_future(pulse.closing.wait())
    coming = asyncio.ensure_future(_next(source))
    due = time.monotonic()
    try:
        while not ended.done():
            wait = max(0.0, due - time.monotonic())
            await asyncio.wait((coming, ended), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                event = coming.result()
                if event is None:
                    return
                yield _sent(event)
                coming = asyncio.ensure_future(_next(source))
            if time.monotonic() >= due:
                if not admitted():
                    return
                yield ServerSentEvent(event="tick", raw_data=await pulse.status(reader))
                due = time.monotonic() + pulse.seconds
    finally:
        ended.cancel()
        coming.cancel()
        await asyncio.gather(ended, coming, return_exceptions=True)


def _admitted(request: Request) -> bool:
    """Whether who listens may still: a key can be revoked, and a session end, while the stream is open."""
    admit: Callable[[Request], None] | None = request.app.state.admit
    try:
        if admit is not None:
            admit(request)
    except (Unauthorized, ConfigError):  # a key file that can't be read lets nobody in
        return False
    return True


async def _next(source: AsyncIterator[Event]) -> Event | None:
    return await anext(source, None)


def _sent(event: Event) -> ServerSentEvent:
    number, topic, data = event
    text = _text(Incident, data) if topic == "incident" else "{}"
    return ServerSentEvent(id=None if number is None else str(number), event=topic, raw_data=text)


def _text(kind: type[BaseModel], data: Document) -> str:
    """Return a document within its contract; what it does not say, such as the verdict, stays unsaid."""
    return kind.model_validate(data).model_dump_json(exclude_unset=True)
