"""The forms of other systems that an incident is served in."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from fastapi import Query
from starlette.responses import Response

from vedette import __version__
from vedette.notify.cef import cef_line
from vedette.notify.ecs import ecs_document
from vedette.notify.ocsf import detection_finding
from vedette.records.attack import Table
from vedette.records.document import Document

Form = Annotated[
    Literal["json", "ocsf", "ecs", "cef"],
    Query(description="json: as the page has it; an OCSF 1.8 Detection Finding; an ECS 9 document; a CEF line"),
]

OCSF: Final = "application/ocsf+json"
ECS: Final = "application/ecs+json"
CEF: Final = "text/plain"

CONTENT: Final[dict[str, Any]] = {
    OCSF: {"schema": {"type": "object"}},
    ECS: {"schema": {"type": "object"}},
    CEF: {"schema": {"type": "string"}},
}
"""What OpenAPI says of the answers that are not JSON of ours."""


def rendered(incident: Document, table: Table, form: str) -> Response:
    """Return an incident's document in a form other than our own."""
    if form == "cef":
        return Response(cef_line(incident, __version__) + "\n", media_type=CEF)
    make = detection_finding if form == "ocsf" else ecs_document
    return Response(
        json.dumps(make(incident, table, __version__), ensure_ascii=False), media_type=OCSF if form == "ocsf" else ECS
    )
