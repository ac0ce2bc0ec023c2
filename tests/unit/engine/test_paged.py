"""Whom a replay would have told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vedette.config.load import load
from vedette.engine.paged import EVERYBODY, Paged
from vedette.notify.sample import sample
from vedette.records.time import SECOND, from_rfc3339

NIGHT = from_rfc3339("2026-11-25T03:00Z")
MORNING = from_rfc3339("2026-11-25T09:00Z")

ROUTES = """
[notify.channels.pager]
type = "ntfy"
url = "https://push.example/pager"
[notify.channels.mail]
type = "ntfy"
url = "https://push.example/mail"
[[notify.routes]]
channels = ["pager"]
min_severity = "critical"
continue = true
[[notify.routes]]
channels = ["mail"]
hours = "Mon-Fri 08:00-18:00 UTC"
digest = "daily 08:30 UTC"
"""


def incident(name: str, severity: str, phase: str = "firing") -> dict[str, Any]:
    return {**sample(NIGHT, phase), "id": name, "severity": severity}


def paged(tmp_path: Path, text: str, quiet: bool = False) -> Paged:
    path = tmp_path / "vedette.toml"
    path.write_text(text)
    return Paged(load(path).notify, lambda incident, moment: quiet)


def test_without_receivers_whatever_fires_counts(tmp_path: Path) -> None:
    told = paged(tmp_path, "")
    told.note(incident("a", "low"), NIGHT)
    told.note(incident("b", "low", "pending"), NIGHT)
    assert told.numbers(["a"])["by_channel"] == {EVERYBODY: 1}


def test_routes_and_hours_are_those_of_the_event(tmp_path: Path) -> None:
    told = paged(tmp_path, ROUTES)
    told.note(incident("bad", "critical"), NIGHT)
    told.note(incident("mild", "low"), NIGHT)
    said = told.numbers(["bad", "mild"])
    assert (said["pages"], said["by_channel"], said["digest_only"]) == (1, {"pager": 1}, 1)


def test_a_route_that_opens_hears_of_what_still_fires(tmp_path: Path) -> None:
    told = paged(tmp_path, ROUTES)
    told.note(incident("lasts", "low"), NIGHT)
    told.note(incident("over", "low"), NIGHT)
    told.note(incident("over", "low", "resolved"), NIGHT + 60 * SECOND)
    told.look(MORNING)
    said = told.numbers(["lasts", "over"])
    assert (said["pages"], said["by_channel"], said["digest_only"]) == (1, {"mail": 1}, 1)


def test_a_silence_holds_back_and_is_counted(tmp_path: Path) -> None:
    told = paged(tmp_path, ROUTES, quiet=True)
    told.note(incident("bad", "critical"), MORNING)
    said = told.numbers(["bad"])
    assert (said["pages"], said["silenced"], said["digest_only"], said["told_nobody"]) == (0, 1, 0, 0)


def test_what_no_route_fits_is_told_nobody(tmp_path: Path) -> None:
    told = paged(tmp_path, ROUTES.partition('[[notify.routes]]\nchannels = ["mail"]')[0])
    told.note(incident("mild", "low"), NIGHT)
    assert told.numbers(["mild"])["told_nobody"] == 1
