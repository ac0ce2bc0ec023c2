"""Alembic's environment: the connection comes from `vedette.store.database`, never from a file."""

from alembic import context

from vedette.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
