"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("segment", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("verdict", sa.String(16)),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("incidents_by_start", "incidents", ["started_at", "id"])
    op.create_table(
        "findings",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("findings_by_start", "findings", ["start"])
    op.create_table(
        "incident_findings",
        sa.Column("incident_id", sa.String(32), primary_key=True),
        sa.Column("finding_id", sa.String(32), primary_key=True),
    )
    op.create_table(
        "settings", sa.Column("key", sa.String(200), primary_key=True), sa.Column("value", sa.Text, nullable=False)
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("notifier", sa.String(200), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
    )
    op.create_index("outbox_by_due", "outbox", ["due"])


def downgrade() -> None:
    """Remove them."""
    for table in ("outbox", "settings", "incident_findings", "findings", "incidents"):
        op.drop_table(table)
