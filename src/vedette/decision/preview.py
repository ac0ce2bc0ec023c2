"""What a suppression would have done: the past's findings run through the same suppressing and joining once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.plan import Planned
from vedette.decision.suppress import Suppressions
from vedette.records.context import CHANGES, PlannedEvent, Suppression
from vedette.records.finding import Finding
from vedette.records.incident import Incident, Phase
from vedette.records.observation import Measures, Occurrences
from vedette.records.segment import Segment
from vedette.records.window import Window


@dataclass(frozen=True, slots=True)
class Past:
    """What is needed of the past, in order of time.

    ``events`` were planned; ``change_window`` is for how long after a change what begins may be its doing, ns.
    """

    findings: Sequence[Finding]
    rules: Rules
    events: Sequence[PlannedEvent] = ()
    change_window: int = 0


@dataclass(slots=True)
class Told:
    """An incident in its latest form, and the ids of all its findings."""

    incident: Incident
    findings: set[str]


@dataclass(frozen=True, slots=True)
class Effect:
    """What would have been without some findings.

    ``before`` and ``after`` are the incidents that fired, by id; an incident whose first findings are hidden begins
    later and so has another id, and counts as one that stays.
    """

    hidden: tuple[Finding, ...]
    before: dict[str, Told]
    after: dict[str, Told]

    @property
    def gone(self) -> tuple[Incident, ...]:
        """Incidents none of whose findings would have fired."""
        left = {name for told in self.after.values() for name in told.findings}
        return tuple(told.incident for told in self.before.values() if not left & told.findings)


class Unseen:
    """The `vedette.records.window.Context` of a window of which only findings are kept."""

    def events(self, segment: Segment) -> int:
        """Return 0: events are not counted again."""
        del segment
        return 0

    def entities(self, segment: Segment) -> tuple[str, ...]:
        """Return nobody: findings bring their own."""
        del segment
        return ()

    def evidence(self, segment: Segment, item: str = "") -> tuple[str, ...]:
        """Return nothing: findings bring their own."""
        del segment, item
        return ()

    def slower(self, segment: Segment, seconds: float) -> tuple[int, int]:
        """Return that no request is known."""
        return 0, 0

    def item(self, code: int) -> str:
        """Return nothing: findings bring their own."""
        del code
        return ""


def effect(past: Past, suppression: Suppression) -> Effect:
    """Return what a suppression would have done, had it been there from the beginning.

    Notes
    -----
    It is exact for what does not depend on learning: suppressions hide findings after they are judged. **It fails** to
    foresee what a change's incident keeps from being learned; if that is hidden, its numbers teach.
    """
    hidden = tuple(finding for finding in past.findings if suppression.hides(finding))
    return Effect(hidden, fired(past, ()), fired(past, (suppression,)))


def fired(past: Past, suppressions: Sequence[Suppression]) -> dict[str, Told]:
    """Return the incidents that the findings of the past make with some of them hidden, by id."""
    known, life = Suppressions(), Lifecycle(past.rules)
    for one in suppressions:
        known.heed(one)
    windows: dict[tuple[int, int], list[Finding]] = {}
    for finding in past.findings:
        windows.setdefault((finding.start, finding.end - finding.start), []).append(finding)
    found: dict[str, Told] = {}
    at = 0
    for start, width in sorted(windows):
        while at < start and life.busy:  # windows without findings, in which incidents end
            _tell(found, life, past, at, width, ())
            at += width
        _tell(found, life, past, start, width, known.visible(tuple(windows[start, width]), start))
        at = start + width
    while life.busy:
        _tell(found, life, past, at, width, ())
        at += width
    return {name: told for name, told in found.items() if told.incident.phase is not Phase.PENDING}


def _tell(
    found: dict[str, Told], life: Lifecycle, past: Past, start: int, width: int, findings: tuple[Finding, ...]
) -> None:
    """Run a window, and note the incidents that it changes."""
    planned = [
        Planned(event, event.name)
        for event in past.events
        if event.start < start + width and start < event.end + past.change_window * (event.kind in CHANGES)
    ]
    for one in life.step(_window(start, width), findings, planned):
        told = found.setdefault(one.id, Told(one, set()))
        told.incident = one
        told.findings.update(one.finding_ids)


def _window(start: int, width: int) -> Window:
    none = np.zeros(0)
    measures = Measures(start, width, none.astype(np.int32), none, none)
    occurrences = Occurrences(start, width, none.astype(np.int32), none.astype(np.uint64), none.astype(np.int64))
    return Window(start, width, (), (), measures, occurrences, Unseen())
