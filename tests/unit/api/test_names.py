"""Features as people say them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from vedette.api.names import label_of, unit_of
from vedette.records.feature import CATALOG


@pytest.mark.parametrize(
    ("feature", "label"),
    [
        ("latency_p95_seconds", "p95 latency"),
        ("template_lines: lock wait: 3", "lock wait: 3"),
        ("metric: queue.size", "queue.size"),
        ("other (3)", "other (3)"),
        ("", ""),
    ],
)
def test_labels(feature: str, label: str) -> None:
    assert label_of(feature) == label


@pytest.mark.parametrize(
    ("feature", "unit"),
    [("latency_p95_seconds", "s"), ("error_ratio", "1"), ("template_lines: a: b", "{line}"), ("new", ""), ("", "")],
)
def test_units(feature: str, unit: str) -> None:
    assert unit_of(feature) == unit


@pytest.mark.parametrize("feature", list(CATALOG))
def test_the_whole_catalog_has_words(feature: str) -> None:
    assert label_of(feature) == CATALOG[feature].label != ""


def test_the_api_is_there_before_numpy_is() -> None:
    """A server listens at once; what computes is loaded behind it."""
    code = "import sys, vedette.api.app, vedette.ui.page; sys.exit('numpy' in sys.modules or 'pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
