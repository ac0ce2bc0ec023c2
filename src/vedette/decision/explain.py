"""Why an episode fired, in words and shares: sentence first, number second, score third."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from vedette.decision.cause import clue
from vedette.decision.episode import Episode
from vedette.decision.ranking import lead, weight
from vedette.decision.sentence import counterfactual, place_of, text
from vedette.decision.words import amount, lasting, span
from vedette.records.feature import label_of
from vedette.records.finding import Finding
from vedette.records.incident import Contribution, Explanation, Moment
from vedette.records.time import rfc3339

SHOWN: Final = 8
"""Contributions named one by one; the rest is summed as "other"."""

LITTLE: Final = 20.0
"""Events in a window below which a number is said to rest on little."""


def explanation(episode: Episode, rarity: str) -> Explanation:
    """Explain an episode so far; `rarity` says how often its like came before."""
    ranked = episode.ranked
    top = lead(ranked)
    suspects = tuple(replace(one, text=clue(one)) for one in episode.suspects)
    return Explanation(
        sentence=f"{episode.cause}: {suspects[0].text}." if episode.cause else f"{place_of(top.segment)}: {text(top)}.",
        paragraph=_paragraph(episode, top, [peak for peak in ranked if peak is not top]),
        contributions=contributions(ranked),
        lowered=tuple(_lowered(episode, top)),
        counterfactual=f"{label_of(top.feature)}: {counterfactual(top)}",
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
