"""Incidents and findings at rest. Everything has an id of its own, so writing again overwrites."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, Select, Table, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from vedette.errors import BadInput
from vedette.records.document import Document, finding_to_document, to_document
from vedette.records.finding import Finding
from vedette.records.incident import Incident, Phase, Severity
from vedette.store.database import transaction
from vedette.store.tables import FINDINGS, INCIDENT_FINDINGS, INCIDENTS

VERDICTS: Final = ("real", "expected", "noise")
PAGE: Final = 500
MOST_LISTED: Final = 1000
"""Findings of an incident that are listed with it, the first of them; `Incidents.findings_page` gives all."""

MOST_ASKED: Final = 500
"""Ids in one query; SQLite takes some thousands."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, and the cursor of the next part."""

    items: list[Document]
    next: str | None


class Incidents:
    """Reads and writes incidents. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, incidents: Sequence[Incident], findings: Sequence[Finding]) -> None:
        """Write incidents and findings in one transaction; an incident's verdict stays as it is.

        An incident names the findings of its latest window only, so every report is to be saved.

        Raises
        ------
        Backpressure
            When the database can't write, as when the disk is full; nothing was written then.
        """
        latest = {incident.id: incident for incident in incidents}
        with transaction(self._engine) as connection:
            for finding in findings:
                row = {"id": finding.id, "start": finding.start, "document": _dump(finding_to_document(finding))}
                _upsert(connection, FINDINGS, row)
            for incident in latest.values():
                _upsert(connection, INCIDENTS, _row(incident))
            for incident in incidents:
                for identity in incident.finding_ids:
                    _upsert(connection, INCIDENT_FINDINGS, {"incident_id": incident.id, "finding_id": identity})

    def list(
        self,
        *,
        phases: Sequence[str] | None = None,
        severities: Sequence[str] | None = None,
        segment: str | None = None,
        tiers: Sequence[str] | None = None,
        since: int | None = None,
        until: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Return incidents that fit every filter, newest first.

        Raises
        ------
        BadInput
            For a cursor that this method did not give.
        """
        table = INCIDENTS.c
        wanted = [
            table.phase.in_(phases) if phases is not None else None,
            table.severity.in_(severities) if severities is not None else None,
            table.segment == segment if segment is not None else None,
            table.tier.in_(tiers) if tiers is not None else None,
            or_(table.ended_at.is_(None), table.ended_at >= since) if since is not None else None,
            table.started_at < until if until is not None else None,
            _beyond(cursor) if cursor is not None else None,
        ]
        query = select(INCIDENTS).where(*[one for one in wanted if one is not None])
        query = query.order_by(table.started_at.desc(), table.id.desc()).limit(limit + 1)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        more = _cursor(rows[limit - 1]) if len(rows) > limit else None
        return Page([_document(row) for row in rows[:limit]], more)

    def walk(self, since: int | None = None, until: int | None = None) -> Iterator[Document]:
        """Yield all incidents that lasted at or after a time (ns) and began before another, newest first."""
        cursor: str | None = None
        while True:
            page = self.list(since=since, until=until, limit=PAGE, cursor=cursor)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def get(self, identity: str) -> Document | None:
        """Return an incident by its id or a prefix that only it has, or None."""
        if not identity or not identity.isalnum():
            return None
        query = select(INCIDENTS).where(INCIDENTS.c.id.startswith(identity, autoescape=True)).limit(2)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return _document(rows[0]) if len(rows) == 1 else None

    def findings(self, incident_id: str, limit: int | None = MOST_LISTED) -> Sequence[Document]:
        """Return the first findings of an incident, oldest first; None for all."""
        with self._engine.connect() as connection:
            rows = connection.execute(_of_incident(incident_id).limit(limit)).mappings()
            return [json.loads(row["document"]) for row in rows]

    def findings_page(self, incident_id: str, limit: int, cursor: str | None) -> Page:
        """Return findings of an incident, oldest first; the cursor leads through all of them.

        Raises
        ------
        BadInput
            For a cursor that this method did not give.
        """
        query, table = _of_incident(incident_id).limit(limit + 1), FINDINGS.c
        if cursor is not None:
            start, identity = _point(cursor)
            query = query.where(or_(table.start > start, and_(table.start == start, table.id > identity)))
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        more = _cursor(rows[limit - 1], "start") if len(rows) > limit else None
        return Page([json.loads(row["document"]) for row in rows[:limit]], more)

    def incidents_with(self, findings: Iterable[str]) -> set[str]:
        """Return the ids of the incidents that have any of these findings."""
        wanted, found = sorted(findings), set[str]()
        link = INCIDENT_FINDINGS.c
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), MOST_ASKED):
                query = select(link.incident_id).where(link.finding_id.in_(wanted[start : start + MOST_ASKED]))
                found |= set(connection.execute(query.distinct()).scalars())
        return found

    def findings_since(self, since: int) -> Sequence[Document]:
        """Return all findings of windows that began at or after a time (ns), oldest first."""
        table = FINDINGS.c
        query = select(table.document).where(table.start >= since).order_by(table.start, table.id)
        with self._engine.connect() as connection:
            return [json.loads(text) for text in connection.execute(query).scalars()]

    def judged(self, verdict: str) -> Sequence[Document]:
        """Return the incidents with a verdict, oldest first."""
        table = INCIDENTS.c
        query = select(INCIDENTS).where(table.verdict == verdict).order_by(table.started_at, table.id)
        with self._engine.connect() as connection:
            return [_document(row) for row in connection.execute(query).mappings()]

    def count_by_severity(self) -> dict[str, int]:
        """Return the number of firing incidents by severity."""
        query = (
            select(INCIDENTS.c.severity, func.count())
            .where(INCIDENTS.c.phase == Phase.FIRING.value)
            .group_by(INCIDENTS.c.severity)
        )
        with self._engine.connect() as connection:
            found = {str(row[0]): int(row[1]) for row in connection.execute(query)}
        return {level.value: found.get(level.value, 0) for level in Severity}

    def opened_since(self, since: int) -> int:
        """Return how many incidents that fired began at or after a time (ns)."""
        query = select(func.count()).where(INCIDENTS.c.started_at >= since, INCIDENTS.c.phase != Phase.PENDING.value)
        with self._engine.connect() as connection:
            return int(connection.execute(query.select_from(INCIDENTS)).scalar_one())

    def set_verdict(self, identity: str, verdict: str | None) -> Document | None:
        """Store a verdict and return the incident, or None where there is none of that id.

        Raises
        ------
        BadInput
            For a verdict that does not exist.
        """
        if verdict is not None and verdict not in VERDICTS:
            raise BadInput("bad_verdict", detail=f"got {verdict!r}, expected {', '.join(VERDICTS)} or null")
        found = self.get(identity)
        if found is None:
            return None
        with transaction(self._engine) as connection:
            connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == found["id"]).values(verdict=verdict))
        return {**found, "verdict": verdict}


def _of_incident(incident_id: str) -> Select[Any]:
    """Return the query for an incident's findings, oldest first."""
    link = INCIDENT_FINDINGS.c
    query = select(FINDINGS).join(INCIDENT_FINDINGS, link.finding_id == FINDINGS.c.id)
    return query.where(link.incident_id == incident_id).order_by(FINDINGS.c.start, FINDINGS.c.id)


def _row(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "phase": incident.phase.value,
        "severity": incident.severity.value,
        "segment": str(incident.segment),
        "tier": incident.tier,
        "started_at": incident.started_at,
        "ended_at": incident.ended_at,
        "score": incident.score,
        "document": _dump(to_document(incident)),
    }


def _upsert(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or overwrite the one of the same key; SQLite and PostgreSQL spell it alike."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    others = {name: value for name, value in row.items() if name not in keys}
    statement = insert(table).values(**row)
    if others:
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others))
    else:
        connection.execute(statement.on_conflict_do_nothing(index_elements=keys))


def _document(row: RowMapping) -> Document:
    document: Document = json.loads(row["document"])
    return {**document, "verdict": row["verdict"]}


def _dump(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _cursor(row: RowMapping, time: str = "started_at") -> str:
    return urlsafe_b64encode(f"{row[time]}:{row['id']}".encode()).decode()


def _point(cursor: str) -> tuple[int, str]:
    """Return time and id of the row that a cursor stands for."""
    try:
        start, colon, identity = urlsafe_b64decode(cursor.encode()).decode().partition(":")
        began = int(start) if colon else None
    except (ValueError, Base64Error):
        began = None
    if began is None:
        raise BadInput("bad_cursor", detail=f"got {cursor!r}, expected one that a list gave")
    return began, identity


def _beyond(cursor: str) -> Any:
    began, identity = _point(cursor)
    table = INCIDENTS.c
    return or_(table.started_at < began, and_(table.started_at == began, table.id < identity))
