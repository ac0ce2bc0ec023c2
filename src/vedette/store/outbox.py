"""Notifications that wait for delivery; they outlive a restart, and the same one is never queued twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update
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


class Outbox:
    """The queue of letters. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, identity: str, notifier: str, payload: dict[str, Any], due: int) -> bool:
        """Queue a letter for a time (ns); False if one of that id is queued already."""
        row = {"id": identity, "notifier": notifier, "payload": json.dumps(payload), "due": due, "attempts": 0}
        try:
            with transaction(self._engine) as connection:
                connection.execute(insert(OUTBOX).values(**row))
        except IntegrityError:
            return False
        return True

    def due(self, now: int, limit: int = 50) -> list[Letter]:
        """Return letters that are due, longest first."""
        query = select(OUTBOX).where(OUTBOX.c.due <= now).order_by(OUTBOX.c.due, OUTBOX.c.id).limit(limit)
        with transaction(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return [Letter(row["id"], row["notifier"], json.loads(row["payload"]), row["attempts"]) for row in rows]

    def done(self, identity: str) -> None:
        """Remove a delivered letter."""
        with transaction(self._engine) as connection:
            connection.execute(delete(OUTBOX).where(OUTBOX.c.id == identity))

    def retry(self, identity: str, due: int) -> None:
        """Put a letter off."""
        later = update(OUTBOX).where(OUTBOX.c.id == identity).values(due=due, attempts=OUTBOX.c.attempts + 1)
        with transaction(self._engine) as connection:
            connection.execute(later)

    def waiting(self) -> int:
        """Return the number of letters that wait."""
        with self._engine.connect() as connection:
            return len(connection.execute(select(OUTBOX.c.id)).all())
