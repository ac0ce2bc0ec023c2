"""Vedette's own rules on real access logs (false matches), on attacks and near misses, and on audit events."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.decode.access import AccessLog
from vedette.records import schema
from vedette.rules.correlate import Correlator, Match
from vedette.rules.flat import table_of
from vedette.rules.load import own_rules
from vedette.rules.match import Matcher

LOGS = {"apache": "access_apache_real", "ait": "ait_access_harrison_benign"}
KINDS = ("AWS.CloudTrail", "Amazon.EKS.Audit", "GitHub.Audit", "Okta.SystemLog")


def run(data: Path) -> dict[str, Any]:
    """Return the figures."""
    matcher = Matcher(own_rules())
    return {
        **{f"false_{name}": on_log(matcher, data / "http" / f"{file}.parquet") for name, file in LOGS.items()},
        "crs": on_requests(matcher, data / "http" / "crs_regression.parquet"),
        "audit": on_audit(matcher, data / "events" / "saas_audit_tests.parquet"),
        "cloudtrail": on_cloudtrail(matcher, data / "events" / "cloudtrail_stratus.parquet"),
    }


def told(matcher: Matcher, table: pa.Table, times: list[float]) -> list[tuple[int, str]]:
    """Return ``(row, rule)`` of all that a person would be told, correlations included."""
    hits = matcher.match(table)
    heads = [rule.head for rule in matcher.rules.rules]
    pairs = list(zip(hits.rows.tolist(), hits.rules.tolist(), strict=True))
    correlator = Correlator(matcher.rules)
    values = {name: matcher.values(table, name) for name in sorted(correlator.fields)}
    matches = [
        Match(times[row], row, heads[rule].id, {name: values[name][row] for name in values})
        for row, rule in pairs
        if heads[rule].id in correlator.wanted
    ]
    matches.sort(key=lambda match: match.time)
    fired = [(one.row, one.correlation.head) for one in correlator.feed(matches)]
    return [(row, head.name) for row, head in (*((row, heads[rule]) for row, rule in pairs), *fired) if head.told]


def on_log(matcher: Matcher, path: Path) -> dict[str, Any]:
    """Count matches on a log in which nothing is known to be an attack."""
    lines = pq.read_table(path)["line"].to_pylist()
    decoded = AccessLog("web").decode("\n".join(lines).encode(), 0)
    batches = [batch.columns for batch in decoded.batches]
    table = pa.Table.from_batches(batches)
    times = (table[schema.TIME].cast(pa.int64()).to_numpy() / 1e9).tolist()
    found = told(matcher, table.drop_columns([schema.RAW]) if schema.RAW in table.column_names else table, times)
    rows = {row for row, _ in found}
    return {
        "lines": table.num_rows,
        "matched": len(rows),
        "per_10000": round(10_000 * len(rows) / table.num_rows, 2),
        "rules": dict(Counter(rule for _, rule in found)),
    }


def on_requests(matcher: Matcher, path: Path) -> dict[str, Any]:
    """Count attacks that are matched, of those without a body, and near misses that are."""
    rows = pq.read_table(path).to_pylist()
    events = [request(row) for row in rows]
    matched = {row for row, _ in told(matcher, table_of(events), [0.0] * len(events))}
    label = np.array([row["label"] for row in rows])
    hit = np.isin(np.arange(len(rows)), list(matched))
    in_url = np.array([not row["body"] and not row["raw"] for row in rows])
    families = Counter(rows[row]["category"] for row in np.flatnonzero((label == 1) & in_url & hit).tolist())
    of = Counter(rows[row]["category"] for row in np.flatnonzero((label == 1) & in_url).tolist())
    return {
        "attacks": int((label == 1).sum()),
        "attacks_without_body": int(((label == 1) & in_url).sum()),
        "matched_without_body": int(((label == 1) & in_url & hit).sum()),
        "near_misses": int((label == 0).sum()),
        "near_misses_matched": int(((label == 0) & hit).sum()),
        "families": {name: f"{families[name]}/{count}" for name, count in of.most_common()},
    }


def request(row: dict[str, Any]) -> dict[str, Any]:
    """Return a request of the set as an access log has it: no body, and of its headers two."""
    headers = {name.lower(): value for name, value in json.loads(row["headers"] or "{}").items()}
    parts = urlsplit(row["uri"]) if row["uri"].startswith("http") else None
    path, _, query = row["uri"].partition("?")
    return {
        "http.request.method": row["method"],
        "url.path": parts.path if parts else path,
        "url.query": parts.query if parts else query,
        "http.response.status_code": 200,
        "client.address": "192.0.2.1",
        "user_agent.original": headers.get("user-agent", ""),
        "http.request.header.referer": headers.get("referer", ""),
    }


def on_audit(matcher: Matcher, path: Path) -> dict[str, Any]:
    """Count, by product, events that must alarm some rule of their authors' and that a rule of ours matches."""
    rows = [row for row in pq.read_table(path).to_pylist() if row["log_type"] in KINDS]
    found = told(matcher, table_of([json.loads(row["event"]) for row in rows]), [0.0] * len(rows))
    matched = {row for row, _ in found}
    figures: dict[str, Any] = {}
    for kind in KINDS:
        for label, name in ((1, "alarming"), (0, "benign")):
            mine = [n for n, row in enumerate(rows) if row["log_type"] == kind and row["label"] == label]
            figures[f"{kind} {name}"] = f"{len(matched & set(mine))}/{len(mine)}"
    return figures


def on_cloudtrail(matcher: Matcher, path: Path) -> dict[str, Any]:
    """Count the attack techniques of Stratus Red Team of which a rule matches an event."""
    rows = pq.read_table(path).to_pylist()
    found = told(matcher, table_of([json.loads(row["event"]) for row in rows]), [0.0] * len(rows))
    seen = {rows[row]["dataset"] for row, _ in found}
    return {"techniques": len({row["dataset"] for row in rows}), "matched": len(seen), "names": sorted(seen)}
