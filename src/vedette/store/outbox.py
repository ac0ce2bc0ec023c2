"""Notifications that wait for delivery; they outlive a restart, and the same one is never queued twice."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import Engine, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from vedette.store.database import transaction
from vedette.store.tables import OUTBOX


@dataclass(frozen=True, slots=True)
class Letter:
    """One notification to one receiver."""

    id: str
    notifier: str
    payload: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one receiver: how many letters, and since when the oldest does (ns)."""

    letters: int
    since: int


class Outbox:
    """The queue of letters. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._latest = 0
        self._lock = Lock()

    def put(self, identity: str, notifier: str, subject: str, payload: dict[str, Any], moment: int) -> bool:
        """Queue a letter at a time (ns); False if one of that id was queued before, delivered or not.

        Letters keep the order in which they were queued, though the clock may stand still or be set back.
        """
        with self._lock:
            self._latest = max(moment, self._latest + 1)
            queued = self._latest
        row = {
            "id": identity,
            "notifier": notifier,
            "subject": subject,
            "payload": json.dumps(payload),
            "queued": queued,
            "due": moment,
            "attempts": 0,
        }
        try:
            with transaction(self._engine) as connection:
                connection.execute(insert(OUTBOX).values(**row))
        except IntegrityError:
            return False
        return True

    def due(self, notifier: str, now: int, limit: int = 50) -> list[Letter]:
        """Return a receiver's letters that are due, longest first, and of each subject only the first that waits."""
        one, earlier = OUTBOX.c, OUTBOX.alias("earlier").c
        before = or_(earlier.queued < one.queued, and_(earlier.queued == one.queued, earlier.id < one.id))
        same = and_(earlier.notifier == one.notifier, earlier.subject == one.subject, earlier.delivered.is_(None))
        query = (
            select(OUTBOX)
            .where(one.notifier == notifier, one.delivered.is_(None), one.due <= now, ~exists().where(same, before))
            .order_by(one.queued, one.id)
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return [Letter(row["id"], row["notifier"], json.loads(row["payload"]), row["attempts"]) for row in rows]

    def done(self, identity: str, moment: int) -> None:
        """Note that a letter was delivered; its payload is no longer needed."""
        with transaction(self._engine) as connection:
            connection.execute(
                update(OUTBOX).where(OUTBOX.c.id == identity).values(delivered=moment, payload="{}", subject="")
            )

    def retry(self, identity: str, due: int) -> None:
        """Put a letter off."""
        later = update(OUTBOX).where(OUTBOX.c.id == identity).values(due=due, attempts=OUTBOX.c.attempts + 1)
        with transaction(self._engine) as connection:
            connection.execute(later)

    def waiting(self) -> dict[str, Waiting]:
        """Return what waits, by receiver; a receiver for which nothing waits is left out."""
        one = OUTBOX.c
        query = select(one.notifier, func.count(), func.min(one.queued)).where(one.delivered.is_(None))
        with self._engine.connect() as connection:
            rows = connection.execute(query.group_by(one.notifier)).all()
        return {str(row[0]): Waiting(int(row[1]), int(row[2])) for row in rows}

    def keep(self, notifiers: Collection[str]) -> None:
        """Drop what waits for receivers that are no longer configured."""
        stale = and_(OUTBOX.c.delivered.is_(None), OUTBOX.c.notifier.not_in(notifiers))
        with transaction(self._engine) as connection:
            connection.execute(delete(OUTBOX).where(stale))

    def forget(self, before: int) -> int:
        """Drop what was queued before a time (ns); returns how many of those letters were never delivered."""
        old = OUTBOX.c.queued < before
        with transaction(self._engine) as connection:
            lost = connection.execute(select(func.count()).select_from(OUTBOX).where(old, OUTBOX.c.delivered.is_(None)))
            count = int(lost.scalar_one())
            connection.execute(delete(OUTBOX).where(old))
        return count
