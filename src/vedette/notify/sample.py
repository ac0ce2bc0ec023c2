"""An incident that never was, for "send test": every part of a message is there to be looked at."""

from __future__ import annotations

from typing import Any

from vedette.notify.base import Document
from vedette.records.time import SECOND, rfc3339


def sample(now: int, phase: str = "firing") -> Document:
    """Return a test incident that began five minutes ago; its id is the same for a minute, so both phases pair up."""
    start = now - now % (60 * SECOND) - 300 * SECOND
    end = rfc3339(start + 300 * SECOND) if phase == "resolved" else None
    return {
        "id": f"test{start // SECOND:x}",
        "phase": phase,
        "kind": "performance",
        "severity": "high",
        "score": 82.5,
        "title": "Test of Vedette, nothing is wrong: POST /checkout of web is 5 × as slow as expected",
        "segment": "test/web POST /checkout",
        "segment_parts": {"environment": "test", "service": "web", "operation": "POST /checkout"},
        "tier": "frontend",
        "started_at": rfc3339(start),
        "updated_at": rfc3339(start + 300 * SECOND),
        "ended_at": end,
        "event_count": 1240,
        "techniques": ["T1190"],
        "entities": ["client c_7f3a"],
        "finding_ids": ["test"],
        "finding_count": 1,
        "explanation": {
            "sentence": "web POST /checkout: p95 latency 1.84 s, normally 0.29–0.41 s.",
            "paragraph": "This is a test of the way here. An incident reads like this: since five minutes, 1,240 "
            "events. P95 latency 1.84 s, normally 0.29–0.41 s. Most active: client c_7f3a.",
            "contributions": [
                _part("latency_p95_seconds", 61.8, "p95 latency 1.84 s, normally 0.29–0.41 s", "≤ 0.41 s"),
                _part("error_ratio", 27.1, "share of errors 4.2 %, normally 0–0.8 %", "≤ 0.8 %"),
                _part("requests_per_second", 11.1, "requests 12.4/s, normally 3.1–6.0/s", "≤ 6.0/s"),
            ],
            "lowered": ["it has lasted for five windows only"],
            "counterfactual": "p95 latency: would not have fired if ≤ 0.41 s",
            "rarity": "a score like this appears about once in 19 days here",
            "evidence": ["POST /checkout 500 1.91 s client c_7f3a"],
            "timeline": [{"time": rfc3339(start), "text": "p95 latency 1.84 s", "score": 82.5}],
            "next_steps": ["vedette notify channels"],
        },
        "verdict": None,
    }


def _part(feature: str, share: float, text: str, bound: str) -> dict[str, Any]:
    parts = {"environment": "test", "service": "web", "operation": "POST /checkout"}
    return {
        "segment": "test/web POST /checkout",
        "segment_parts": parts,
        "feature": feature,
        "detector": "baseline",
        "share": share,
        "actual": None,
        "expected": None,
        "lower": None,
        "upper": None,
        "unit": "",
        "text": text,
        "counterfactual": f"would not have fired if {bound}",
    }
