"""The relational tables: what people see and decide."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, MetaData, String, Table, Text

METADATA = MetaData()

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("phase", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("segment", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("score", Float, nullable=False),
    Column("verdict", String(16)),
    Column("document", Text, nullable=False),
    Column("tier", String(60), nullable=False, server_default=""),
    Index("incidents_by_start", "started_at", "id"),
)
"""``document`` is the incident as `vedette.records.document.to_document` gives it; times in ns."""

FINDINGS = Table(
    "findings",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("start", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("findings_by_start", "start"),
)

INCIDENT_FINDINGS = Table(
    "incident_findings",
    METADATA,
    Column("incident_id", String(32), primary_key=True),
    Column("finding_id", String(32), primary_key=True),
)

SETTINGS = Table(
    "settings", METADATA, Column("key", String(200), primary_key=True), Column("value", Text, nullable=False)
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", String(200), primary_key=True),
    Column("notifier", String(200), nullable=False),
    Column("subject", String(200), nullable=False, server_default=""),
    Column("payload", Text, nullable=False),
    Column("queued", BigInteger, nullable=False, server_default="0"),
    Column("due", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("delivered", BigInteger),
    Index("outbox_by_notifier", "notifier", "delivered", "queued"),
)
"""Notifications; times in ns. Those delivered stay for a while without their payload, so that none is queued again.

``subject`` is the incident: its letters to one receiver are delivered in the order in which they were queued.
"""
