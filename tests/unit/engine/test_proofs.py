"""Proofs count until they are old, or the release or the rules are others."""

from pathlib import Path
from typing import Any

import pytest

import vedette.engine.proofs
from vedette import __version__
from vedette.engine.proofs import STALE_AFTER, Proofs
from vedette.errors import BadInput
from vedette.records.time import SECOND
from vedette.store.database import open_database
from vedette.store.settings import Settings

NOW = 1_790_000_000 * SECOND


def account(moment: int = NOW, **outcomes: str) -> dict[str, Any]:
    rows = [{"key": key, "technique": key, "outcome": outcome, "seconds": 30.0} for key, outcome in outcomes.items()]
    return {"vedette": __version__, "date": moment, "techniques": rows}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(open_database(f"sqlite:///{tmp_path / 'v.db'}"))


def kept(settings: Settings, moment: int = NOW, rules: str = "a") -> Proofs:
    return Proofs(settings, lambda: rules, lambda: moment)


def test_what_was_found_counts_and_what_was_missed_does_not(settings: Settings) -> None:
    assert kept(settings).keep(account(T1190="both", T1078="missed")) == 2
    found = kept(settings).coverage()
    assert (found["proved"], found["missed"], found["stale"], found["coverage"]) == (1, 1, 0, 0.5)


def test_a_proof_is_stale_after_90_days(settings: Settings) -> None:
    kept(settings).keep(account(T1190="both"))
    assert kept(settings, NOW + STALE_AFTER).coverage()["proved"] == 1
    found = kept(settings, NOW + STALE_AFTER + 1).coverage()
    assert (found["proved"], found["techniques"][0]["stale"]) == (0, "older than 90 days")


def test_a_proof_is_stale_once_the_rules_or_the_release_are_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(settings).keep(account(T1190="both"))
    assert kept(settings, rules="b").coverage()["techniques"][0]["stale"] == "rules were changed since"
    monkeypatch.setattr(vedette.engine.proofs, "__version__", "99.0")
    assert kept(settings).coverage()["techniques"][0]["stale"] == f"proved with {__version__}, this is 99.0"


def test_the_latest_outcome_of_a_technique_is_kept(settings: Settings) -> None:
    kept(settings).keep(account(T1190="missed"))
    kept(settings).keep(account(NOW - SECOND, T1190="both"))
    assert kept(settings).coverage()["missed"] == 1
    kept(settings).keep(account(NOW + SECOND, T1190="both"))
    assert kept(settings).coverage()["proved"] == 1


def test_a_proof_from_the_future_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInput, match="not in the future"):
        kept(settings).keep(account(NOW + 10 * STALE_AFTER, T1190="both"))
