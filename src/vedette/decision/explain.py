"""Why it fired, in words and shares: sentence first, number second, score third."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import Final

from vedette.decision.cause import clue
from vedette.decision.episode import Episode, weight
from vedette.decision.words import amount, lasting, span
from vedette.records.call import call_of
from vedette.records.feature import feature_of
from vedette.records.finding import Finding
from vedette.records.incident import Contribution, Explanation, Moment
from vedette.records.segment import Segment
from vedette.records.time import rfc3339

SHOWN: Final = 8
"""Contributions named one by one; the rest is summed as "other"."""

LITTLE: Final = 20.0
"""Events in a window below which a number is said to rest on little."""

_NEWCOMERS: Final = {
    "endpoint": "an endpoint",
    "user": "a user",
    "client": "an address",
    "user_client": "a user with an address",
}
"""What is new where an item is not a structure and no log line."""

_SAID: Final = ("rule", "reading", "indicator")
"""Features whose item is a sentence of its own."""

_SELDOM: Final = "in less than 0.01 % of the windows here"

_CLASSES: Final = {"a": "letters", "d": "digits", "s": "spaces", "p": "-_.~@", "x": "punctuation", "u": "non-ASCII"}


def title(finding: Finding) -> str:
    """Return the incident's headline."""
    place, label = _place(finding.segment), feature_of(finding.feature).label
    if finding.feature == "request_shape":
        return f"{place}: requests are built in a way not seen before ({_part(finding.item)})"
    if finding.feature == "template":
        return f"{place}: a new kind of log line"
    if finding.feature == "log_value":
        return f"{place}: a log line with a value not seen before, “{finding.item}”"
    if finding.feature == "session":
        return f"{place}: a session {finding.item}"
    if finding.feature in _SAID:
        return f"{place}: {finding.item}"
    if finding.feature.startswith("alert"):
        return (
            f"{label_of(finding)}: alert “{finding.item}” {'is rare here' if finding.expected else 'never came before'}"
        )
    if finding.feature.startswith("user_day") and finding.item:
        return f"{place}: {label_of(finding)}, {finding.item}"
    if finding.feature.startswith("user_day"):
        number, most = amount(finding.actual, finding.unit), amount(finding.upper, finding.unit)
        return f"{place}: {number} {label_of(finding)}, where {most} are the most to expect"
    if finding.feature.startswith("slo"):
        return f"{place}: objective “{label_of(finding)}” burns its error budget {_times(finding)} as fast as it may"
    if finding.feature == "callee":
        return f"{place} calls a service that it did not call before, {finding.item}"
    if finding.feature.startswith("together"):
        return f"{place}: {label_of(finding)} of {amount(finding.actual, finding.unit)} does not go with other numbers"
    if finding.feature in _NEWCOMERS:
        return f"{place}: {_NEWCOMERS[finding.feature]} not seen before, {finding.item}"
    if finding.feature.startswith("template_lines") and finding.actual == 0:
        return f"{place}: a log line no longer comes, “{label_of(finding)}”"
    if finding.feature.startswith("template_lines"):
        return f"{place}: {_times(finding)} the usual number of a log line"
    if ":" in finding.feature:
        label = finding.feature.partition(": ")[2]
    if finding.unit == "1" or finding.expected <= 0:
        return (
            f"{place}: {label} {'is' if finding.unit in ('1', 's') else 'are'} {amount(finding.actual, finding.unit)}"
        )
    return f"{place}: {label} {'are' if finding.unit.startswith('{') else 'is'} {_times(finding)} the expected value"


def lead(ranked: list[Finding]) -> Finding:
    """Return the finding for the headline: the heaviest, or what was never seen before if it weighs half as much.

    What is new says more about a cause than that there is much of it.
    """
    new = next((peak for peak in ranked if peak.item), ranked[0])
    return new if weight(new) >= 0.5 * weight(ranked[0]) else ranked[0]


def text(finding: Finding) -> str:
    """Return a contribution in one line: what it is, and what it normally is."""
    label = label_of(finding)
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


def label_of(finding: Finding) -> str:
    """Return what people call the feature: what stands after the colon where it is one of a family."""
    return finding.feature.partition(": ")[2] or feature_of(finding.feature).label


def counterfactual(finding: Finding) -> str:
    """Return what would have had to differ."""
    if isnan(finding.counterfactual):
        return "counts together with the other reasons"
    if finding.item:
        return "would not have fired without this"
    sign = "≤" if finding.actual >= finding.expected else "≥"
    return f"would not have fired if {sign} {amount(finding.counterfactual, finding.unit)}"


def explanation(episode: Episode, rarity: str) -> Explanation:
    """Explain an episode so far; `rarity` says how often its like came before."""
    ranked = episode.ranked
    top = lead(ranked)
    suspects = tuple(replace(one, text=clue(one)) for one in episode.suspects)
    return Explanation(
        sentence=f"{episode.cause}: {suspects[0].text}." if episode.cause else f"{_place(top.segment)}: {text(top)}.",
        paragraph=_paragraph(episode, top, [peak for peak in ranked if peak is not top]),
        contributions=contributions(ranked),
        lowered=tuple(_lowered(episode, top)),
        counterfactual=f"{label_of(top)}: {counterfactual(top)}",
        rarity=rarity,
        evidence=_evidence(ranked),
        timeline=(*episode.timeline, *(Moment(one.time, one.text, 0.0) for one in episode.afterwards.values())),
        next_steps=(f"vedette explain {episode.id}", f"vedette incidents --segment '{top.segment}' --state all"),
        hypotheses=hypotheses(episode),
        suspects=suspects,
    )


def hypotheses(episode: Episode) -> tuple[str, ...]:
    """Return the two things that a deviation after a change may be; nothing where there was none."""
    change = episode.change
    if change is None:
        return ()
    since = f"{change.name} at {rfc3339(change.start)[11:16]} UTC"
    return (
        f"a regression since {since}: it stays open until the numbers are back",
        f"the new normal since {since}: accept it with 'vedette verdict {episode.id} expected'",
    )


def contributions(ranked: list[Finding]) -> tuple[Contribution, ...]:
    """Return each finding's share of the summed weight, in percent; shares sum to 100."""
    total = sum(weight(peak) for peak in ranked)
    named, rest = ranked[:SHOWN], ranked[SHOWN:]
    shares = tuple(_contribution(peak, 100.0 * weight(peak) / total) for peak in named)
    if not rest:
        return shares
    share = 100.0 * sum(weight(peak) for peak in rest) / total
    nan = float("nan")
    other = Contribution(
        rest[0].segment, f"other ({len(rest)})", "", share, nan, nan, nan, nan, "", f"{len(rest)} more", ""
    )
    return (*shares, other)


def _paragraph(episode: Episode, top: Finding, others: list[Finding]) -> str:
    since = rfc3339(episode.started)[11:16]
    sentences = [
        f"Since {since} UTC, for {lasting(episode.last - episode.started)}, {episode.events:,} events.",
        f"{text(top)[0].upper()}{text(top)[1:]}.",
    ]
    if others:
        sentences.append(f"Together with: {'; '.join(_told_of(peak, top) for peak in others[:3])}.")
    if top.entities:
        sentences.append(f"Most active: {_grouped(top.entities)}.")
    return " ".join(sentences)


def _usually(share: float) -> str:
    """Say in which share of the windows something was.

    >>> _usually(0.0), _usually(2e-5), _usually(0.0314)
    ('never before here', 'in less than 0.01 % of the windows here', 'usually in 3.1 % of the windows here')
    """
    if share <= 0.0:
        return "never before here"
    return f"usually in {100 * share:.2g} % of the windows here" if share >= 1e-4 else _SELDOM


def _grouped(entities: tuple[str, ...]) -> str:
    """Return entities with each kind named once.

    >>> _grouped(("client c_1", "client c_2", "user u_1"))
    'client c_1, c_2; user u_1'
    """
    kinds: dict[str, list[str]] = {}
    for kind, _, name in (entity.partition(" ") for entity in entities):
        kinds.setdefault(kind, []).append(name)
    return "; ".join(f"{kind} {', '.join(names)}".rstrip() for kind, names in kinds.items())


def _told_of(peak: Finding, top: Finding) -> str:
    """Return a contribution in one line, with its place where that is another service's than the headline's."""
    return text(peak) if peak.segment.whole == top.segment.whole else f"{peak.segment.label}, {text(peak)}"


def _lowered(episode: Episode, top: Finding) -> list[str]:
    reasons = []
    if not top.item and top.upper - top.lower > 2 * abs(top.expected) > 0:
        band = span(top.lower, top.upper, top.unit)
        reasons.append(f"the band is wide ({band}) for an expected {amount(top.expected, top.unit)}")
    if episode.events < LITTLE:
        reasons.append(f"it rests on {episode.events} events only")
    if episode.windows == 1:
        reasons.append("it has lasted for one window only")
    return [*reasons, *episode.planned.values()]


def _evidence(ranked: list[Finding]) -> tuple[str, ...]:
    lines = [line for peak in ranked[:3] for line in peak.evidence]
    return tuple(dict.fromkeys(lines))[:10]


def _contribution(finding: Finding, share: float) -> Contribution:
    return Contribution(
        finding.segment,
        finding.feature,
        finding.detector,
        share,
        finding.actual,
        finding.expected,
        finding.lower,
        finding.upper,
        finding.unit,
        text(finding),
        counterfactual(finding),
        finding.item,
    )


def _place(segment: Segment) -> str:
    if call_of(segment) is not None:
        return segment.label
    return segment.operation or segment.service or "all services"


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
