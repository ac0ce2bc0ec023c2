"""Incidents are found by the tier of their service."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; of what is stored already no tier is known."""
    op.add_column("incidents", sa.Column("tier", sa.String(60), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it out again."""
    op.drop_column("incidents", "tier")
