"""Correlations, computed anew from all matches at every match."""

from __future__ import annotations

from collections.abc import Sequence

from vedette.rules.correlate import Match
from vedette.rules.model import Correlation


def fire(rule: Correlation, matches: Sequence[Match]) -> list[int]:
    """Return the rows at which a correlation fires; matches are in order of time, thresholds are ``gte``."""
    fired: list[int] = []
    quiet: dict[str, float] = {}
    for number, match in enumerate(matches):
        group = match.fields["user"]
        if group is None or (rule.fields and match.fields[rule.fields[0]] is None):
            continue
        window = [
            one
            for one in matches[: number + 1]
            if one.fields["user"] == group
            and one.time >= match.time - rule.seconds
            and not (rule.fields and one.fields[rule.fields[0]] is None)
        ]
        if match.time < quiet.get(group, float("-inf")):
            quiet[group] = match.time + rule.seconds
        elif _count(rule, window) >= rule.threshold[1]:
            fired.append(match.row)
            quiet[group] = match.time + rule.seconds
    return fired


def _count(rule: Correlation, window: Sequence[Match]) -> float:
    values = [one.fields["n"] or "" for one in window]
    if rule.type == "event_count":
        return len(window)
    if rule.type == "value_count":
        return len(set(values))
    if rule.type == "value_sum":
        return sum(map(float, values))
    if rule.type == "value_avg":
        return sum(map(float, values)) / len(values)
    return len({one.rule for one in window})
