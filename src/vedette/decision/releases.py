"""Services that changed for everybody: what follows from it is one incident, of operations, until it is usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from vedette.decision.episode import Episode
from vedette.records.drift import Change
from vedette.records.feature import feature_of
from vedette.records.finding import Finding
from vedette.records.incident import Explanation, Moment
from vedette.records.segment import Segment
from vedette.records.time import rfc3339

DETECTORS: Final = ("baseline", "novelty", "joint", "ensemble")
FOLLOWS: Final = (
    "requests",
    "clients",
    "users",
    "latency_p50_seconds",
    "latency_p95_seconds",
    "own_time_p50_seconds",
    "own_time_p95_seconds",
    "calls_mean",
    "calls",
    "callee",
    "response_bytes_mean",
    "request_bytes_mean",
    "request_shape",
    "endpoint",
    "logs",
    "template",
    "template_lines",
    "together",
)
"""What a release may do to everybody. Failures, and what one client or user does, are told as ever."""


def explains(change: Change, finding: Finding) -> bool:
    """Say whether a finding is what a change of its service brings: for everybody, and without a failure."""
    return (
        finding.segment.whole == change.service
        and finding.start >= change.since
        and finding.detector in DETECTORS
        and feature_of(finding.feature).name in FOLLOWS
        and finding.segment not in change.narrow
    )


def cause_of(changes: Iterable[Change], finding: Finding) -> Change | None:
    """Return the change that explains a finding, None for none."""
    return next((one for one in changes if explains(one, finding)), None)


def unexplained(changes: Sequence[Change], findings: Iterable[Finding]) -> Iterable[Finding]:
    """Return the findings that no change explains: what a release brings is to be learned."""
    return (one for one in findings if cause_of(changes, one) is None) if changes else findings


def told_of(
    changes: Sequence[Change], findings: Sequence[Finding], accepted: Mapping[Segment, int]
) -> tuple[Finding, ...]:
    """Return the findings without what a change made usual.

    Once the models have settled on it, these are its new kinds, for the rest of a day: numbers have been learned anew
    by then, and are judged as ever. Where a person judged it before, it is all that it brings; `accepted` has the
    service and when the change was noticed.
    """
    if not changes:
        return tuple(findings)
    return tuple(one for one in findings if not _is_usual(cause_of(changes, one), one, accepted))


def _is_usual(change: Change | None, finding: Finding, accepted: Mapping[Segment, int]) -> bool:
    if change is None:
        return False
    return bool(finding.item) if change.settled else accepted.get(change.service) == change.noticed


def adopts(change: Change, episode: Episode) -> bool:
    """Say whether an open episode is of a change: it began with it, and nothing in it says otherwise."""
    if episode.flood or episode.closed or episode.change is not None or episode.moved is not None:
        return False
    wide = replace(change, since=change.since - 2 * episode.width)
    return all(explains(wide, peak) for peak in episode.peaks.values())


def moved(episodes: Sequence[Episode], change: Change, now: int) -> list[Episode]:
    """Bring open episodes up to date with a change at a time (ns); returns those that are to be told anew.

    When it is noticed, those that are of it are taken for what it brings; when it is settled, they are closed.
    """
    adopted = [one for one in episodes if change.noticed == now and adopts(change, one)]
    for episode in adopted:
        episode.moved = change
        episode.timeline.append(Moment(now, "everybody brings it: taken for a release", episode.score))
    mine = [one for one in episodes if one.moved is not None and one.moved.service == change.service]
    news = [one for one in mine if one.moved is not None and one.moved.told(change)]
    for episode in mine:
        episode.moved = change
        if change.settled and not episode.closed:
            episode.closed = outcome(change)
    return adopted + news


def episode_of(change: Change, episodes: Iterable[Episode]) -> Episode | None:
    """Return the open episode that gathers what a change brings, None for none."""
    of_change = (one for one in episodes if one.moved is not None and one.moved.service == change.service)
    return next((one for one in of_change if not one.closed), None)


def title(change: Change) -> str:
    """Return the headline of a change."""
    return (
        f"{change.service.label} works differently for everybody since {rfc3339(change.since)[11:16]}: a new release?"
    )


def outcome(change: Change) -> str:
    """Say how a change ended."""
    numbers = f", {change.retrained} numbers were learned anew" if change.retrained else ""
    return f"the models have settled on it at {rfc3339(change.settled)[11:16]}: what is new is usual now{numbers}"


def told(episode: Episode, change: Change, explanation: Explanation) -> Explanation:
    """Return an episode's explanation in a change's words."""
    named = ", ".join(f"“{name}”" for name in change.named)
    endpoints = f", among them the endpoints {named}" if named else ""
    return replace(
        explanation,
        sentence=(
            f"{change.share:.0%} of the requests of {change.service.label} are of kinds not seen before "
            f"{rfc3339(change.since)[11:16]} UTC, from as many different clients as ever: this looks like a release."
        ),
        paragraph=(
            f"{change.items} kinds of endpoints and requests are new{endpoints}. Few clients would be an attack; these "
            "are as many as usual. What follows from it (new kinds, latency, sizes, numbers of requests) is kept here, "
            "and numbers that stay where they are now are learned anew every half hour. Failures, rules, what reads "
            f"like code, and what few clients do are told as ever. {_state(change)}"
        ),
        counterfactual="would have been told one by one if few clients had brought it, or under 10 % of the requests",
        hypotheses=(
            "a release that is as it should be; announce the next one, and it is judged as a deploy",
            "a release that does what it should not: look at what is new, and say that it is real",
        ),
        next_steps=(
            f"vedette verdict {episode.id} expected",
            f"vedette verdict {episode.id} real",
            f"vedette explain {episode.id}",
            f"vedette context add --kind deploy --title RELEASE --service {change.service.service}",
        ),
        suspects=(),
    )


def _state(change: Change) -> str:
    done = f"{change.retrained} numbers were learned anew so far." if change.retrained else ""
    return outcome(change)[0].upper() + outcome(change)[1:] + "." if change.settled else done
