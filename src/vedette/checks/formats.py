"""Changes in the words of those who read them: people, programs, and CI systems."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from vedette.checks.compare import Change, Level

KINDS: Final = {
    "new-error": "Error lines of a sort that the baseline has none of",
    "new-template": "Lines of a sort that the baseline has none of",
    "vanished-template": "Lines of a sort that only the baseline has",
    "error-ratio": "A larger share of requests fails",
    "latency": "Requests take longer",
    "response-size": "Answers have another size",
    "request-shape": "Requests are built otherwise",
    "response-shape": "Answers are built otherwise",
    "metric-level": "A metric has another level",
}
"""What each kind of change means."""

_WORDS: Final = {Level.LOW: "notice", Level.MEDIUM: "warning", Level.HIGH: "error"}
_SARIF: Final = {Level.LOW: "note", Level.MEDIUM: "warning", Level.HIGH: "error"}


def as_text(changes: Sequence[Change], run: str) -> str:
    """Return two lines a change."""
    del run
    if not changes:
        return "Nothing changed.\n"
    rows = [
        f"{one.level.value:<7} {one.kind:<18} {_plain(one.where)}\n        {_plain(one.what)} (p = {one.p_value:.1g})"
        for one in changes
    ]
    return "\n".join(rows) + "\n"


def as_json(changes: Sequence[Change], run: str) -> str:
    """Return one document."""
    rows = [
        {"kind": one.kind, "level": one.level.value, "where": one.where, "what": one.what, "p_value": one.p_value}
        for one in changes
    ]
    return json.dumps({"run": run, "changes": rows}, ensure_ascii=False, indent=2) + "\n"


def as_github(changes: Sequence[Change], run: str) -> str:
    """Return workflow commands that GitHub Actions shows as annotations."""
    del run

    def quoted(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    return "".join(f"::{_WORDS[one.level]} title={one.kind}::{quoted(f'{one.where}: {one.what}')}\n" for one in changes)


def as_junit(changes: Sequence[Change], run: str) -> str:
    """Return a test suite in which each kind of change is a case, failed by the changes of it."""
    rows = []
    failed = 0
    for kind, meaning in KINDS.items():
        mine = [one for one in changes if one.kind == kind]
        failed += bool(mine)
        text = "\n".join(f"{one.level.value}: {one.where}: {one.what}" for one in mine)
        body = f"<failure message={quoteattr(_plain(meaning))}>{escape(_plain(text))}</failure>" if mine else ""
        rows.append(f"<testcase classname={quoteattr(_plain(run))} name={quoteattr(kind)}>{body}</testcase>")
    head = f'<testsuite name="vedette check" tests="{len(KINDS)}" failures="{failed}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *rows, "</testsuite>"]) + "\n"


def as_sarif(changes: Sequence[Change], run: str) -> str:
    """Return a log of SARIF 2.1.0; a change is located by what it is about, and known again by its fingerprint."""
    rules = [{"id": kind, "shortDescription": {"text": meaning}} for kind, meaning in KINDS.items()]
    tool = {"driver": {"name": "vedette check", "rules": rules}}
    results = [_result(one, run) for one in changes]
    document: dict[str, Any] = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": tool, "results": results}],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _result(change: Change, run: str) -> dict[str, Any]:
    print_of = blake2b(f"{change.kind}\0{change.where}".encode(), digest_size=16).hexdigest()
    return {
        "ruleId": change.kind,
        "ruleIndex": list(KINDS).index(change.kind),
        "level": _SARIF[change.level],
        "message": {"text": f"{change.where}: {change.what}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": run}},
                "logicalLocations": [{"fullyQualifiedName": change.where}],
            }
        ],
        "partialFingerprints": {"vedetteChange/v1": print_of},
    }


def _plain(text: str) -> str:
    """Return text without what XML and terminals do not take."""
    return "".join(sign if sign in "\n\t" or sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


FORMATS: Final[Mapping[str, Callable[[Sequence[Change], str], str]]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "junit": as_junit,
    "sarif": as_sarif,
}
"""Every format by its name."""
