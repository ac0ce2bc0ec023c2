"""Whatever is asked, the answer is one that the contract declares."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from vedette.api.app import build_app

# the stream never ends, so it is left out
PATHS = (
    "/status",
    "/segments",
    "/lanes",
    "/series",
    "/sources",
    "/coverage",
    "/coverage/matrix",
    "/coverage/layer",
    "/incidents",
    "/incidents/{incident_id}",
    "/context",
    "/silences",
)
CHANGES = (
    ("/incidents/{incident_id}/verdict", "POST"),
    ("/context", "POST"),
    ("/context/{event_id}", "DELETE"),
    ("/silences", "POST"),
    ("/silences/{silence_id}", "DELETE"),
)


@pytest.mark.parametrize(("path", "method"), [*((path, "GET") for path in PATHS), *CHANGES])
def test_answers_keep_the_contract(reader: Any, path: str, method: str) -> None:
    app = build_app(reader, hosts=["testserver"])
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)

    @given(case=schema[f"/api/v1{path}"][method].as_strategy())
    @settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None)
    def check(case: schemathesis.Case) -> None:
        # dates of the years 1 and 9999 are dates, yet not times that we keep
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    check()
