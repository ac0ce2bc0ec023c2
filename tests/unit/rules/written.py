"""Rules as people write them."""

from __future__ import annotations

from typing import Any

import yaml

from vedette.rules.model import RuleSet
from vedette.rules.parse import parse

ID = "00000000-0000-4000-8000-{:012d}"


def rule(number: int, detection: dict[str, Any], **more: Any) -> str:
    content = {
        "title": f"rule {number}",
        "id": ID.format(number),
        "level": "high",
        "logsource": {"category": "webserver"},
    }
    return yaml.safe_dump({**content, "detection": {"condition": "one", **detection}, **more})


def correlation(number: int, kind: str, rules: list[str], **more: Any) -> str:
    body = {"type": kind, "rules": rules, "timespan": "1m", "group-by": ["user"], **more}
    return yaml.safe_dump({"title": f"rule {number}", "id": ID.format(number), "level": "high", "correlation": body})


def rules_of(*texts: str) -> RuleSet:
    rules = parse({f"{number}.yml": text for number, text in enumerate(texts)})
    assert rules.problems == ()
    return rules
