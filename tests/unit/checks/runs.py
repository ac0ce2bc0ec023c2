"""Test runs of a build: the bundled shop's traffic as JSON lines, with changes seeded on request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from vedette.records.time import rfc3339
from vedette.simulate.model import Traffic

START = 1_800_000_000.0
SECONDS = 1800.0
Change = Callable[[dict[str, Any]], Any]


def lines(seed: int, change: Change | None = None) -> Iterator[dict[str, Any]]:
    """Yield half an hour of about 3,600 requests, each with its line of log; the answer's structure with it."""
    rng = np.random.default_rng(seed + 1000)
    for visit in Traffic(2.0, seed).between(START, START + SECONDS):
        failed = rng.random() < 0.002
        line = {
            "@timestamp": rfc3339(int(visit.time * 1e9)),
            "service": "shop",
            "level": "ERROR" if failed else "INFO",
            "message": f"db timeout after {rng.integers(100, 999)} ms"
            if failed
            else f"served {visit.route} to {visit.client}",
            "http.request.method": visit.method,
            "http.route": visit.route,
            "http.response.status_code": 500 if failed else visit.status,
            "duration": visit.takes,
            "http.response.body.size": int(500 + 100 * rng.random()),
            "vedette.response.shape": "id:int:d:4|name:str:a:8|price:num:d:4",
        }
        if change is not None:
            change(line)
        yield line


def write(path: Path, seed: int, change: Change | None = None) -> Path:
    """Write a run."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines(seed, change)))
    return path
