"""A day that never changes: 50 lanes, 200 incidents, and text that tries to be more than text."""

from __future__ import annotations

from math import pi, sin
from random import Random
from typing import Any

from vedette.engine.matrix import Present
from vedette.engine.matrix import matrix as build_matrix
from vedette.records.attack import builtin
from vedette.records.time import SECOND, rfc3339
from vedette.rules.load import own_rules
from vedette.rules.model import Head, Or, Rule, RuleSet, Source

Document = dict[str, Any]

LANES = 50
CELLS = 192
STEP = 450
NOW = 1_795_514_400 * SECOND
"""2026-11-24T10:00:00Z"""

MARKUP = "<img src=x onerror=\"document.title='owned'\">"
SCRIPT = "<script>document.title='owned'</script>"
LINK = "javascript:document.title='owned'"
BIDI = "gpj.\u202eexe.invoice"
ANSI = "\x1b[31mred\x1b[0m"
HOSTILE = (MARKUP, SCRIPT, LINK, BIDI, ANSI, "{{7*7}}${7*7}", "'\"><svg/onload=alert(1)>", "user\u200b-\u2066x\u2069")

ROUTES = ("GET /", "POST /login", "POST /checkout", "GET /search", "GET /api/items", "PUT /cart", "", "GET /health")
SERVICES = ("web", "api", "orders-db", "auth", "worker", "ingress", "mail")
SEVERITIES = (("critical", 90), ("high", 70), ("medium", 50), ("low", 25))
KINDS = ("performance", "security", "operations")


def severity_of(score: float) -> str:
    """Return the severity of a score of at least 25."""
    return next(name for name, least in SEVERITIES if score >= least)


def segments() -> list[Document]:
    """Return 50 segments; one is named by an attacker, three still learn."""
    found = []
    for number in range(LANES):
        service = SERVICES[number % len(SERVICES)]
        operation = MARKUP if number == 5 else f"{ROUTES[number % len(ROUTES)]}{f'/{number}' if number > 12 else ''}"
        learning = number in (7, 20, 31)
        found.append(
            {
                "segment": f"prod/{service} {operation}".strip(),
                "segment_parts": {"environment": "prod", "service": service, "operation": operation},
                "tier": "frontend" if service == "web" else "",
                "state": "learning" if learning else "ready",
                "missing_seconds": 86_400.0 if learning else 0.0,
                "missing": "needs 1 more day for the daily rhythm" if learning else "",
                "features": [
                    {"feature": "latency_p95_seconds", "unit": "s", "quantity": "duration"},
                    {"feature": "requests", "unit": "{request}", "quantity": "count"},
                    {"feature": f"template_lines: {SCRIPT}", "unit": "{line}", "quantity": "count"},
                ],
            }
        )
    return found


def lanes(names: list[str]) -> Document:
    """Return 50 lanes of 192 cells with some bursts; the first one stands for all."""
    rng = Random(3)
    rows = [_lane(rng, name, learning=number in (7, 20, 31)) for number, name in enumerate(names[: LANES - 1])]
    best = [max(((row["scores"][cell] or 0.0) for row in rows), default=0.0) for cell in range(CELLS)]
    whole = {"segment": "all segments", "state": "ready", "scores": best}
    rows.sort(key=lambda row: -max(score or 0.0 for score in row["scores"]))
    return {"start": rfc3339(NOW - CELLS * STEP * SECOND), "step_seconds": STEP, "cells": CELLS, "rows": [whole, *rows]}


def _lane(rng: Random, name: str, *, learning: bool) -> Document:
    scores: list[float | None] = [round(rng.random() * 20, 1) for _ in range(CELLS)]
    for _ in range(rng.choice((0, 0, 1, 2))):
        start, peak = rng.randrange(CELLS - 8), rng.uniform(30, 99)
        for cell in range(start, start + rng.randrange(2, 8)):
            scores[cell] = round(peak - rng.random() * 15, 1)
    if learning:
        scores = [None] * 60 + [-1.0] * (CELLS - 60)
    return {"segment": name, "state": "learning" if learning else "ready", "scores": scores}


def series(segment: str, feature: str, points: int = 240) -> Document:
    """Return a day of p95 latency with a bump of twelve times the usual."""
    rng, wave = Random(segment), [0.3 + 0.1 * sin(2 * pi * n / points) for n in range(points)]
    bump = range(int(points * 0.84), int(points * 0.9))
    actual = [mid * (5 if n in bump else 1) * rng.uniform(0.9, 1.1) for n, mid in enumerate(wave)]
    return {
        "segment": segment,
        "feature": feature or "latency_p95_seconds",
        "unit": "s",
        "t": [NOW / SECOND - 86_400 + n * 86_400 / points for n in range(points)],
        "actual": [None if n == 100 else value for n, value in enumerate(actual)],
        "expected": wave,
        "lower": [0.75 * mid for mid in wave],
        "upper": [1.3 * mid for mid in wave],
        "score": [96.0 if n in bump else 5.0 for n in range(points)],
    }


def incidents(found: list[Document], count: int = 200) -> list[Document]:
    """Return incidents, newest first; of every eight, one carries hostile text in each of its fields."""
    rng = Random(11)
    return [_incident(rng, number, found[number % len(found)]) for number in range(count)]


def _incident(rng: Random, number: int, segment: Document) -> Document:
    text = HOSTILE[number // 8 % len(HOSTILE)] if number % 8 == 1 else ""
    score = 96.0 if number == 0 else rng.uniform(26, 99)
    started = NOW - (600 + number * 420) * SECOND
    open_still = number % 5 != 4
    name = segment["segment"]
    features = ("latency_p95_seconds", "error_ratio", "requests", f"template_lines: {text or 'lock wait'}")
    return {
        "id": f"{number:024x}",
        "phase": "firing" if open_still else "resolved",
        "kind": KINDS[number % 3],
        "severity": severity_of(score),
        "score": round(score, 1),
        "title": f"{name}: p95 latency is 5.1× the expected value {text}".strip(),
        "segment": name,
        "segment_parts": segment["segment_parts"],
        "started_at": rfc3339(started),
        "updated_at": rfc3339(started + 540 * SECOND),
        "ended_at": None if open_still else rfc3339(started + 600 * SECOND),
        "event_count": 12 + number * 7,
        "techniques": ["T1190", text] if text else (["T1190"] if number % 3 == 1 else []),
        "entities": ["client c_7f3a…", f"user {text}"] if text else (["client c_7f3a…"] if number % 2 else []),
        "finding_count": 2,
        "simulated": "",
        "tier": segment["tier"],
        "explained": "" if open_still else text or ("sale “Summer”" if number == 4 else ""),
        "verdict": None,
        "explanation": _explanation(name, features, (52.0, 26.0, 15.0, 7.0), started, text),
    }


def _explanation(
    segment: str, features: tuple[str, ...], shares: tuple[float, ...], started: int, text: str
) -> Document:
    parts = {"environment": "prod", "service": "web", "operation": ""}
    return {
        "sentence": f"p95 latency is 1.84 s, normally 290–405 ms at this hour. {text}",
        "paragraph": f"Since 09:50 UTC, for 9 min, 12 events. Together with: share of server errors 6.1 %. {text}",
        "contributions": [
            {
                "segment": segment,
                "segment_parts": parts,
                "feature": feature,
                "detector": "baseline" if share > 10 else "novelty",
                "share": share,
                "actual": 1.84,
                "expected": 0.35,
                "lower": 0.29 if share > 10 else None,
                "upper": 0.405 if share > 10 else None,
                "unit": "s",
                "item": "",
                "text": f"p95 latency 1.84 s, normally 290–405 ms {text}",
                "counterfactual": "would not have fired if ≤ 410 ms",
            }
            for feature, share in zip(features, shares, strict=True)
        ],
        "lowered": [f"it rests on 12 events only {text}"],
        "counterfactual": f"p95 latency: would not have fired if ≤ 410 ms {text}",
        "rarity": "a score like this appears about once in 19 days here",
        "evidence": [
            f"POST /checkout 500 1912 ms user=u_7f3a… {text}",
            f"ERROR orders-db could not serialize access {text}",
        ],
        "timeline": [
            {"time": rfc3339(started - 120 * SECOND), "text": f"deploy 2026.11.3 {text}", "score": 0.0},
            {"time": rfc3339(started), "text": "p95 latency leaves its band", "score": 61.0},
            {"time": rfc3339(started + 60 * SECOND), "text": "incident opened", "score": 96.0},
        ],
        "next_steps": ["vedette explain 000000000000", f"vedette incidents --segment '{segment}' --state all"],
        "hypotheses": [],
        "suspects": [
            {
                "segment": segment,
                "segment_parts": parts,
                "share": 0.82,
                "about": f"{segment} SELECT orders",
                "about_parts": {**parts, "operation": "SELECT orders"},
                "feature": "own_time_p50_seconds",
                "actual": 1.4,
                "lower": 0.004,
                "upper": 0.006,
                "unit": "s",
                "text": f"median own time of web SELECT orders 1.4 s, normally 4–6 ms {text}",
            }
        ],
    }


def effect(incident: Document) -> Document:
    """Return what hiding an incident would do; those whose id ends in 6 would hide a real one."""
    gone = [{"id": incident["id"], "title": incident["title"]}, {"id": f"{199:024x}", "title": f"scan {MARKUP}"}]
    return {
        "days": 30,
        "hidden_findings": 14,
        "hidden_incidents": gone,
        "incidents_before": 200,
        "incidents_after": 198,
        "real": [f"{2:024x}"] if incident["id"].endswith("6") else [],
        "judged_real": 3,
        "until": rfc3339(NOW + 30 * 86_400 * SECOND),
    }


def similar(incident: Document) -> list[Document]:
    """Return two past incidents like one, one of them judged; none for every fifth."""
    if int(incident["id"], 16) % 5 == 4:
        return []
    shared = ["p95 latency up", f"log line: {MARKUP}", "service web", BIDI]
    rows = [("noise", 0.93, 7), (None, 0.61, 9)]
    names = ("segment", "severity", "kind", "started_at", "ended_at")
    return [
        {
            **{name: incident[name] for name in names},
            "id": f"{number:024x}",
            "title": f"{incident['title']} {SCRIPT}",
            "verdict": verdict,
            "likeness": likeness,
            "shared": shared,
        }
        for verdict, likeness, number in rows
    ]


def findings(incident: Document) -> list[Document]:
    """Return two deviations of an incident."""
    shared = {
        "segment": incident["segment"],
        "kind": incident["kind"],
        "start": incident["started_at"],
        "end": incident["updated_at"],
        "p_value": 1e-7,
        "entities": incident["entities"],
        "techniques": incident["techniques"],
        "evidence": [],
    }
    number = {"detector": "baseline", "feature": "latency_p95_seconds", "actual": 1.84, "expected": 0.35}
    item = {
        "detector": "novelty",
        "feature": "request_shape",
        "actual": 3.0,
        "expected": 1e-6,
        "item": "coupon:str:adx:16",
    }
    return [
        {**shared, **number, "id": "a" * 24, "lower": 0.29, "upper": 0.405, "unit": "s", "item": ""},
        {**shared, **item, "id": "b" * 24, "lower": None, "upper": None, "unit": ""},
    ]


PROVED = (
    ("T1110.003", "Password Spraying", "both", 30.0, ""),
    ("T1190", "Exploit Public-Facing Application", "both", 30.0, ""),
    ("T1190/json", "Exploit Public-Facing Application", "model", 60.0, ""),
    ("T1595.002", "Vulnerability Scanning", "rule", 20.0, "older than 90 days"),
    ("T1078", "Valid Accounts", "missed", None, ""),
)
"""Key, title, outcome, seconds and why it is stale."""


def proofs() -> list[Document]:
    """Return proofs of every sort."""
    date = rfc3339(NOW - 86_400 * SECOND)
    shared = {"service": "shop", "incidents": 1, "named": True, "date": date, "vedette": "0.1.0"}
    return [
        {
            **shared,
            "key": key,
            "technique": key.partition("/")[0],
            "title": title,
            "outcome": outcome,
            "seconds": seconds,
            "said": f"shop: {MARKUP}" if outcome == "both" else "",
            "stale": stale,
        }
        for key, title, outcome, seconds, stale in PROVED
    ]


def matrix(*, empty: bool = False) -> Document:
    """Return the matrix of Vedette's own rules, with some log sources arriving and one hostile rule."""
    hostile = Rule(Head("h", f"{MARKUP} {BIDI}", "high", ("T1190",), author=SCRIPT), Source("linux"), Or(()))
    rules = RuleSet((*own_rules().rules, *(() if empty else (hostile,))), own_rules().correlations)
    present = Present({}, frozenset())
    if not empty:
        present = Present({"webserver": 12_480.0, "linux/process_creation": 37.0}, frozenset({"user", "denied_ratio"}))
    made = build_matrix(builtin(), rules, present, [], [] if empty else proofs())
    canary = {"at": NOW - 1800 * SECOND, "tested": ["rules", "the learned baseline"], "missed": [], "seconds": 41}
    return {**made, "canary": None if empty else canary, "canary_every_seconds": 0.0 if empty else 3600.0}


TROUBLE = "events can't be stored: No space left on device"


RELEARNING: Document = {
    "service": "prod/bank",
    "since": rfc3339(NOW - 3600 * SECOND),
    "noticed_at": rfc3339(NOW - 2400 * SECOND),
    "share": 0.36,
    "kinds": 14,
    "retrained": 2,
    "settled_at": None,
}


def status(state: str, now: int, events: int) -> Document:
    """Return a status; without events nothing is known yet."""
    ready, learning = (47, 3) if events else (0, 0)
    return {
        "version": "0.1.0",
        "state": "watching" if state == "trouble" else state,
        "message": {"starting": "compiling kernels 40 %", "trouble": TROUBLE}.get(state, ""),
        "started_at": rfc3339(NOW - 3600 * SECOND),
        "now": rfc3339(now),
        "data_from": rfc3339(NOW - 86_400 * SECOND) if events else None,
        "data_to": rfc3339(NOW) if events else None,
        "tiles": {
            "incidents": {"open": 160, "critical": 20, "high": 60, "medium": 50, "low": 30},
            "events_per_second": 12_480.0 + events % 7,
            "events_total": events,
            "lag_seconds": 0.46,
            "segments": {"ready": ready, "learning": learning, "total": ready + learning},
            "budget": {"used": 3, "limit": 10},
            "calibration": {"failing": [], "incidents_per_day": 2.5},
            "drift": [RELEARNING] if events else [],
            "unreadable": {"total": 37 if events else 0, "share": 0.0003 if events else 0.0},
            "notifications": {"waiting": 0, "lag_seconds": 0.0, "failing": []},
        },
    }
