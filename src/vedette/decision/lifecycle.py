"""Episodes to incidents: pending → firing → resolved, in event time. One episode is one incident."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vedette.decision import outages, releases
from vedette.decision.cause import because
from vedette.decision.closed import Closed
from vedette.decision.correlate import belongs
from vedette.decision.episode import MOST_MOMENTS, Episode
from vedette.decision.floods import SPAN, Floods, absorb, folds, group_of
from vedette.decision.graph import CallGraph
from vedette.decision.history import History
from vedette.decision.incident import incident, outcome
from vedette.decision.late import reconsider, take_back
from vedette.decision.levels import Number
from vedette.decision.near import Near
from vedette.decision.plan import Planned
from vedette.decision.silent import Silence, is_missing
from vedette.decision.suspicion import Suspicion
from vedette.decision.unsettled import Holding, held, undecided, young
from vedette.records.context import CHANGES, Confirmation, Notice, PlannedEvent, Suppression, Verdict, Withdrawal
from vedette.records.drift import Change
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident, Moment, Phase
from vedette.records.observation import Series
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.state.tree import Tree

AT_ONCE: Final = 75.0
"""Score from which one window is enough: three decades beyond the threshold."""

LASTING: Final = ("ensemble",)
"""Detectors whose one finding is of more than a moment: what it is made of has lasted."""

CONFIRM_WITHIN: Final = 3
"""Windows within which a milder deviation must be seen again, or it was a blip."""

CHANGE_PATIENCE: Final = 3
"""How many times as long as usual what began at a change must be ordinary before it is over, or was a blip: a third
more latency is ordinary in some windows."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When episodes end, and what they may be the doing of."""

    resolve_after: int
    """Time without a deviation, ns, after which an incident is over."""
    change_window: int = 0
    """Time after a change, ns, in which what begins may be its doing; asked only of changes that are announced late."""
    budget: float = 1.0
    """Bearable false incidents a day."""


class Lifecycle:
    """The open episodes of a shard, and those that were open lately."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.graph = CallGraph()
        self.suspicion = Suspicion()
        self._open: list[Episode] = []
        self.history = History()
        self._closed = Closed(self.history, rules.change_window)
        self._silence = Silence()
        self._floods = Floods(rules.budget)
        self.accepted: dict[Segment, int] = {}
        """Services whose change a person judged, and when that was noticed, ns: what it brings is told no more."""

    @property
    def busy(self) -> bool:
        """Say whether an episode is open."""
        return bool(self._open)

    @property
    def misbehaving(self) -> tuple[tuple[str, str], ...]:
        """Detector and feature of each flood that is on, with the name of its incident."""
        return tuple((episode.flood, episode.id) for episode in self._open if episode.flood)

    def heed(self, notice: Notice) -> frozenset[Number]:
        """Close what a verdict was about, and what a late event explains; both end with the next window.

        What is over already is judged again by the event, too, and told of with the next window. Returns the numbers
        that a change left at a level that was accepted.
        """
        self._closed.heed(notice, self.history.now)
        accepted: set[Number] = set()
        for episode in (*self._open, *self._silence.episodes):
            if isinstance(notice, Suppression) and notice.incident == episode.id:
                episode.closed = f"a person said: {notice.verdict.value}{f' ({notice.note})' if notice.note else ''}"
                if episode.moved is not None:
                    self.accepted[episode.moved.service] = episode.moved.noticed
                if notice.verdict is Verdict.EXPECTED and episode.change is not None:
                    accepted |= {(segment, feature) for segment, feature, item in episode.peaks if not item}
                    episode.closed = f"accepted as the new normal since {episode.change.name}"
            elif isinstance(notice, PlannedEvent):
                reconsider(notice, episode, self._rules.change_window, self.history.now)
            elif isinstance(notice, Confirmation):
                episode.real = episode.real or notice.id == episode.id
            elif isinstance(notice, Withdrawal):
                episode.real = episode.real and notice.id != episode.id
                take_back(notice.id, episode)
        return frozenset(accepted)

    def is_open(self, segment: Segment) -> bool:
        """Say whether an episode of the segment's service is open."""
        return any(episode.seed.whole == segment.whole for episode in self._open)

    def undecided(self, now: int) -> frozenset[Number]:
        """Return the numbers that a change may have left at a new level."""
        return undecided(self._open, now)

    def held(self, found: Iterable[Finding], now: int) -> Holding:
        """Return what must not become usual, with what was found in the window from `now` on."""
        return held(self._open, found, now)

    @property
    def refused(self) -> frozenset[Segment]:
        """Services whose change a person judged real: it is not to become the new normal."""
        return frozenset(one.moved.service for one in self._open if one.moved is not None and one.real)

    def explained(self, now: int) -> frozenset[Number]:
        """Return the numbers and scopes whose p-values a young or undecided incident explains."""
        return self.undecided(now) | young(self._open, now)

    def step(
        self,
        window: Window,
        findings: Sequence[Finding],
        planned: Sequence[Planned] = (),
        value_of: Callable[[Number], float | None] = lambda number: None,
        changes: Sequence[Change] = (),
    ) -> list[Incident]:
        """Take in a window's findings, what was planned, and the values of numbers; return the incidents that changed.

        `changes` are the services that work differently for everybody; `value_of` returns None for a number without a
        value in this window.
        """
        self.history.watch(window.start, window.end)
        self.graph.learn(window.start, window.calls)
        for episode in self._open:
            episode.fresh.clear()
        grown = {
            episode.id: episode for change in changes for episode in releases.moved(self._open, change, window.end)
        }
        moving = [change for change in changes if not change.settled]
        near = Near(self._open if findings else (), self.graph)
        for finding in sorted(findings, key=lambda one: (one.p_value, not one.segment.operation, one.id)):
            change = releases.cause_of(moving, finding)
            if change is None:
                episode = self._home(finding, window.width, planned, near)
            else:
                episode = self._gathered(finding, change)
            episode.add(finding)
            near.note(episode, finding.segment.whole)
            grown[episode.id] = episode
        for part in self._outage(window, grown):
            grown.pop(part.id, None)
        for episode in tuple(grown.values()):
            if self._advance(episode, window, planned) and not episode.gathers:
                flood = self._flooded(episode, window)
                grown |= {} if flood is None else {flood.id: flood}
        for episode in self._open:
            episode.levels.look(value_of)
        over = self._silence.look(window.end, value_of)
        quiet = [episode for episode in self._open if self._is_over(episode, window)]
        over += [episode for episode in quiet if not self._silence.keep(episode)]
        gone = {id(episode) for episode in quiet}
        self._open = [episode for episode in self._open if id(episode) not in gone]
        for episode in over:
            self._end(episode)
        changed = {episode.id: episode for episode in (*grown.values(), *over)}
        return [self._incident(episode) for episode in (*changed.values(), *self._closed.step(window.start, value_of))]

    def _outage(self, window: Window, grown: dict[str, Episode]) -> list[Episode]:
        """Make incidents that begin together one; returns those of its parts that nobody was ever told of."""
        first, parts = outages.gather(self._open, window, AT_ONCE)
        if first is None:
            return []
        grown[first.id] = first
        unknown = [part for part in parts if part.windows == 0]
        gone = {id(part) for part in unknown}
        self._open = [episode for episode in self._open if id(episode) not in gone]
        return unknown

    def _gathered(self, finding: Finding, change: Change) -> Episode:
        """Return the open episode of a change; a new one where there is none."""
        episode = releases.episode_of(change, self._open)
        if episode is None:
            episode = Episode(finding.start, change.service, moved=change)
            self._open.append(episode)
        return episode

    def _home(self, finding: Finding, width: int, planned: Sequence[Planned], near: Near) -> Episode:
        silent = self._silence.wake(finding) or self._reopened(finding)
        if silent is not None:
            self._open.append(silent)
            near.note(silent, *silent.services)
            return silent
        for episode in near.of(finding, width):
            if not episode.closed and belongs(finding, episode, width, self.graph.related):
                return episode
        changes = (one.event for one in planned if one.event.kind in CHANGES and one.event.concerns(finding.segment))
        change = None if finding.kind is Kind.SECURITY else max(changes, key=lambda one: one.start, default=None)
        flood = self._flood(group_of(finding)) if change is None else None
        if flood is not None:
            self._floods.fold(flood.flood, finding)
            return flood
        episode = Episode(finding.start, finding.segment, change=change)
        self._open.append(episode)
        return episode

    def _flood(self, group: str) -> Episode | None:
        """Return the open flood of a detector's feature, None for none."""
        return next((one for one in self._open if group and one.flood == group and not one.closed), None)

    def _flooded(self, episode: Episode, window: Window) -> Episode | None:
        """Count an incident that begins; return the flood that it makes of those of its detector, None for none."""
        group = self._floods.begin(episode, window.width, self.history.per_day_until(SPAN), self.graph)
        parts = [one for one in self._open if group and folds(one, group, window.start)]
        if not parts:
            return None
        flood = self._flood(group)
        if flood is None:
            seed = Segment(episode.seed.environment, "", group)
            flood = Episode(min(one.started for one in parts), seed, Phase.FIRING, flood=group)
            flood.timeline.append(Moment(window.end, "incidents folded into one", flood.score))
            self._open.append(flood)
        for part in parts:
            absorb(flood, part)
        return flood

    def _advance(self, episode: Episode, window: Window, planned: Sequence[Planned]) -> bool:
        """Bring an episode up to date with a window; says whether it begins to fire."""
        episode.windows += 1
        episode.planned |= {
            one.event.id: one.words
            for one in planned
            if any(one.event.concerns(segment) for segment, _, _ in episode.peaks)
        }
        reached = frozenset[Segment]().union(*(self.graph.below(service) for service in episode.services))
        episode.suspect(*self.suspicion.suspects(reached))
        episode.cause = because(episode.ranked, episode.suspects, self.graph)
        episode.events += max(window.context.events(segment) for segment in {key[0] for key in episode.peaks})
        lasting = any(peak.detector in LASTING for peak in episode.peaks.values())
        confirmed = episode.windows > 1 or episode.score >= AT_ONCE or lasting
        if episode.phase is Phase.PENDING and confirmed and not episode.closed:
            episode.phase = Phase.FIRING
            episode.timeline.append(Moment(window.end, "incident opened", episode.score))
            return True
        return False

    def _is_over(self, episode: Episode, window: Window) -> bool:
        if episode.flood:
            return bool(episode.closed) or self._floods.is_over(episode.flood, window.end)
        if episode.moved is not None:
            return bool(episode.closed)
        quiet = window.end - episode.last
        patience = CONFIRM_WITHIN * window.width if episode.phase is Phase.PENDING else self._rules.resolve_after
        patience = max(patience, episode.span)
        return bool(episode.closed) or quiet >= patience * (1 if episode.change is None else CHANGE_PATIENCE)

    def _end(self, episode: Episode) -> None:
        """End an episode at its last deviating window; one that was never confirmed stays pending, and ended."""
        episode.ended = episode.last
        if episode.flood:
            self._floods.forget(episode.flood)
        if episode.phase is Phase.FIRING:
            episode.phase, episode.expired = Phase.RESOLVED, not episode.closed and is_missing(episode)
            self._closed.add(episode)
            if not episode.explained:
                self.history.add(episode.started, episode.score)
                episode.timeline.append(Moment(episode.last, outcome(episode), 0.0))

    def _reopened(self, finding: Finding) -> Episode | None:
        """Let the absence fire again, if it had expired, that a finding is more of."""
        episode = self._closed.wake(finding)
        if episode is not None:
            episode.phase, episode.ended, episode.expired = Phase.FIRING, None, False
            if len(episode.timeline) < 2 * MOST_MOMENTS:
                episode.timeline.append(Moment(finding.start, "opened again: nothing has come since", episode.score))
        return episode

    def _incident(self, episode: Episode) -> Incident:
        per_day = max(self._rules.budget, self.history.per_day_until(SPAN))
        return incident(episode, self.history.rarity(episode.score), per_day)

    def snapshot(self) -> Tree:
        """Return the open episodes as JSON-able rows."""
        return {
            "open": [episode.snapshot() for episode in self._open],
            "history": self.history.snapshot(),
            "closed": self._closed.snapshot(),
            "graph": self.graph.snapshot(),
            "suspicion": self.suspicion.snapshot(),
            "silence": self._silence.snapshot(),
            "floods": self._floods.snapshot(),
            "accepted": [[*service.order, noticed] for service, noticed in self.accepted.items()],
        }

    def restore(self, tree: Tree, series: Sequence[Series] = ()) -> None:
        """Become what `snapshot` described; `series` are the keys of all slots."""
        self.graph.restore(tree["graph"])
        self.suspicion.restore(tree["suspicion"], series)
        self._open = [Episode.restored(row) for row in tree["open"]]
        self.history.restore(tree["history"])
        self._closed.restore(tree["closed"])
        self._silence.restore(tree["silence"])
        self._floods.restore(tree.get("floods", {}))
        self.accepted = {Segment(*row[:3]): row[3] for row in tree.get("accepted", [])}
