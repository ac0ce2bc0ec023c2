"""Opens the database and brings its tables up to date: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError

from vedette.errors import Backpressure

HEAD = "head"
LATEST = "0003"
"""Newest revision in ``migrations/versions``; a test holds it to that."""


def open_database(url: str) -> Engine:
    """Return an engine on an up-to-date database; commits to SQLite are durable when they return."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    if _revision(engine) != LATEST:
        migrate(engine, HEAD)
    return engine


RETRY: Final = 30.0
"""Seconds after which to try again what the database could not do."""


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction; raises `Backpressure` when the database can't carry it out, as when the disk is full."""
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise Backpressure(f"the database can't be written: {error.orig}", RETRY) from error


def _revision(engine: Engine) -> str:
    """Return the tables' revision, empty for none; loading Alembic only to learn that takes 10 MB."""
    if not inspect(engine).has_table("alembic_version"):
        return ""
    with engine.connect() as connection:
        return str(connection.execute(text("select version_num from alembic_version")).scalar() or "")


def migrate(engine: Engine, revision: str) -> None:
    """Bring the tables to a revision, up or (with ``base``) down."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)


def _set_up_sqlite(connection: Any, record: Any) -> None:
    del record
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
