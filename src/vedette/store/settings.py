"""Small values that outlive a restart."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from vedette.store.database import transaction
from vedette.store.tables import SETTINGS


class Settings:
    """JSON values by key. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key."""
        with self._engine.connect() as connection:
            found = connection.execute(select(SETTINGS.c.value).where(SETTINGS.c.key == key)).scalar()
        return default if found is None else json.loads(found)

    def set(self, key: str, value: Any) -> None:
        """Store a JSON-able value under a key."""
        with transaction(self._engine) as connection:
            connection.execute(delete(SETTINGS).where(SETTINGS.c.key == key))
            connection.execute(insert(SETTINGS).values(key=key, value=json.dumps(value)))
