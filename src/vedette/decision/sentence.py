"""A finding in words: the headline, the line of a contribution, and what would have had to differ."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Final

from vedette.decision.words import amount, span
from vedette.records.call import call_of
from vedette.records.feature import feature_of, label_of
from vedette.records.finding import Finding
from vedette.records.segment import Segment

_SAID: Final = ("rule", "reading", "indicator")
"""Features whose item is a sentence of its own."""

_SELDOM: Final = "in less than 0.01 % of the windows here"

_CLASSES: Final = {"a": "letters", "d": "digits", "s": "spaces", "p": "-_.~@", "x": "punctuation", "u": "non-ASCII"}


def title(finding: Finding) -> str:
    """Return the incident's headline."""
    headline = _HEADLINES.get(feature_of(finding.feature).name, _deviates)
    return headline(place_of(finding.segment), finding)


def text(finding: Finding) -> str:
    """Return a contribution in one line: what it is, and what it normally is."""
    label = label_of(finding.feature)
    if finding.told:
        return finding.told
    if finding.feature in _SAID:
        times = f", {finding.actual:.0f} times" if finding.actual > 1 else ""
        what = f"rule “{finding.item}” matched" if finding.feature == "rule" else finding.item
        return f"{what}{times}, {_usually(finding.expected)}"
    if finding.feature.startswith("user_day") and finding.item:
        return f"{label}: {finding.item}, as on one day of an entity in {1 / max(finding.expected, 1e-9):,.0f}"
    if finding.item:
        what = _part(finding.item) if finding.feature == "request_shape" else f"“{finding.item}”"
        return (
            f"{label}: {what}, {finding.actual:.0f} times, where one in {1 / max(finding.expected, 1e-9):,.0f} is new"
        )
    normal = span(finding.lower, finding.upper, finding.unit)
    return f"{label} {amount(finding.actual, finding.unit)}, normally {normal}"


def counterfactual(finding: Finding) -> str:
    """Return what would have had to differ."""
    if isnan(finding.counterfactual):
        return "counts together with the other reasons"
    if finding.item:
        return "would not have fired without this"
    sign = "≤" if finding.actual >= finding.expected else "≥"
    return f"would not have fired if {sign} {amount(finding.counterfactual, finding.unit)}"


def place_of(segment: Segment) -> str:
    """Return what people call a segment in the midst of a sentence."""
    if call_of(segment) is not None:
        return segment.label
    return segment.operation or segment.service or "all services"


def _deviates(place: str, finding: Finding) -> str:
    label, many = label_of(finding.feature), finding.unit.startswith("{")
    if finding.unit == "1" or finding.expected <= 0:
        verb = "is" if finding.unit in ("1", "s") else "are"
        return f"{place}: {label} {verb} {amount(finding.actual, finding.unit)}"
    return f"{place}: {label} {'are' if many else 'is'} {_times(finding)} the expected value"


def _alerted(place: str, finding: Finding) -> str:
    del place
    often = "is rare here" if finding.expected else "never came before"
    return f"{label_of(finding.feature)}: alert “{finding.item}” {often}"


def _lived(place: str, finding: Finding) -> str:
    label = label_of(finding.feature)
    if finding.item:
        return f"{place}: {label}, {finding.item}"
    number, most = amount(finding.actual, finding.unit), amount(finding.upper, finding.unit)
    return f"{place}: {number} {label}, where {most} are the most to expect"


def _burns(place: str, finding: Finding) -> str:
    name = label_of(finding.feature)
    return f"{place}: objective “{name}” burns its error budget {_times(finding)} as fast as it may"


def _apart(place: str, finding: Finding) -> str:
    number = f"{label_of(finding.feature)} of {amount(finding.actual, finding.unit)}"
    return f"{place}: {number} does not go with other numbers"


def _lines(place: str, finding: Finding) -> str:
    if finding.actual == 0:
        return f"{place}: a log line no longer comes, “{label_of(finding.feature)}”"
    return f"{place}: {_times(finding)} the usual number of a log line"


def _shaped(place: str, finding: Finding) -> str:
    return f"{place}: requests are built in a way not seen before ({_part(finding.item)})"


def _new(what: str) -> Callable[[str, Finding], str]:
    """Return the headline of what is new where an item is not a structure and no log line."""
    return lambda place, finding: f"{place}: {what} not seen before, {finding.item}"


_HEADLINES: Final[dict[str, Callable[[str, Finding], str]]] = {
    **dict.fromkeys(_SAID, lambda place, finding: f"{place}: {finding.item}"),
    "alert": _alerted,
    "callee": lambda place, finding: f"{place} calls a service that it did not call before, {finding.item}",
    "client": _new("an address"),
    "endpoint": _new("an endpoint"),
    "log_value": lambda place, finding: f"{place}: a log line with a value not seen before, “{finding.item}”",
    "request_shape": _shaped,
    "session": lambda place, finding: f"{place}: a session {finding.item}",
    "slo": _burns,
    "template": lambda place, finding: f"{place}: a new kind of log line",
    "template_lines": _lines,
    "together": _apart,
    "user": _new("a user"),
    "user_client": _new("a user with an address"),
    "user_day": _lived,
}
"""By feature; any other number deviates."""


def _usually(share: float) -> str:
    """Say in which share of the windows something was.

    >>> _usually(0.0), _usually(2e-5), _usually(0.0314)
    ('never before here', 'in less than 0.01 % of the windows here', 'usually in 3.1 % of the windows here')
    """
    if share <= 0.0:
        return "never before here"
    return f"usually in {100 * share:.2g} % of the windows here" if share >= 1e-4 else _SELDOM


def _times(finding: Finding) -> str:
    ratio = finding.actual / finding.expected if finding.expected > 0 else float("inf")
    return f"{ratio:.1f}×" if ratio < 100 else f"{ratio:.0f}×"


def _part(item: str) -> str:
    """Say a structure item in words: ``coupon:str:adx`` → ``coupon is text of letters, digits, punctuation``."""
    path, _, rest = item.partition(":")
    kind, _, classes = rest.partition(":")
    words = ", ".join(_CLASSES[mark] for mark in classes if mark in _CLASSES)
    name = {"str": "text", "int": "a whole number", "num": "a number", "bool": "true or false"}.get(kind, kind)
    return f"{path} is {name}{' of ' + words if words and kind == 'str' else ''}" if kind else item
