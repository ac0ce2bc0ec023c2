"""The contract that the page's types come from is the one that the server keeps."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

from vedette.api.export import contract

COMMITTED = Path(__file__).parents[3] / "web/openapi.json"


def test_the_committed_contract_is_current() -> None:
    assert json.loads(COMMITTED.read_text()) == contract(), "python -m vedette.api.export > web/openapi.json"


def test_the_export_prints_the_contract(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "vedette.api.export")
    runpy.run_module("vedette.api.export", run_name="__main__")
    assert json.loads(capsys.readouterr().out) == contract()


def test_every_operation_says_what_it_answers_when_it_fails() -> None:
    for path, operations in contract()["paths"].items():
        if not path.startswith("/api/"):
            continue
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"], path


def test_the_stream_is_declared_as_one() -> None:
    answer = contract()["paths"]["/api/v1/stream"]["get"]["responses"]["200"]
    assert list(answer["content"]) == ["text/event-stream"]


def test_the_lock_file_does_not_name_where_packages_come_from() -> None:
    """Anyone's own registry serves them; after `npm install`, take its ``funding`` entries out again."""
    text = (COMMITTED.parent / "package-lock.json").read_text()
    assert '"node_modules/svelte"' in text
    assert "://" not in text
