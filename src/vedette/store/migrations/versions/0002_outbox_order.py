"""Letters keep their order by incident, know when they were queued, and are remembered once delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; letters that wait count as queued when they were due."""
    op.add_column("outbox", sa.Column("subject", sa.String(200), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("queued", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("delivered", sa.BigInteger))
    op.execute("update outbox set queued = due, subject = id")
    op.drop_index("outbox_by_due", "outbox")
    op.create_index("outbox_by_notifier", "outbox", ["notifier", "delivered", "queued"])


def downgrade() -> None:
    """Take them out again; what was delivered is forgotten."""
    op.execute("delete from outbox where delivered is not null")
    op.drop_index("outbox_by_notifier", "outbox")
    op.create_index("outbox_by_due", "outbox", ["due"])
    for name in ("delivered", "queued", "subject"):
        op.drop_column("outbox", name)
