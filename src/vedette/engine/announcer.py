"""The door for what people announce and decide: journaled first, then kept to be shown and reviewed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

from vedette.config.schema import Config
from vedette.decision.agenda import MOST as MOST_EVENTS
from vedette.decision.episode import Episode
from vedette.decision.late import falls_into
from vedette.decision.lifecycle import Rules
from vedette.decision.preview import Effect, Past, effect
from vedette.decision.suppress import causes_of
from vedette.errors import BadInput
from vedette.journal.log import Journal
from vedette.records.context import Confirmation, Notice, PlannedEvent, Suppression, Verdict, Withdrawal
from vedette.records.document import finding_from_document
from vedette.records.finding import Finding
from vedette.records.notice import (
    confirmation_from_document,
    event_from_document,
    notice_to_document,
    suppression_from_document,
)
from vedette.records.time import SECOND, rfc3339
from vedette.store.incidents import Incidents
from vedette.store.settings import Settings
from vedette.store.suppressions import SuppressionFiles

Document = dict[str, Any]

DAY: Final = 86_400 * SECOND

REVERSIBLE: Final = 30 * DAY
"""How long a verdict holds, and can be taken back; an event that is over is listed for as long."""

EVENTS: Final = "context.events"
SUPPRESSED: Final = "context.suppressions"
CONFIRMED: Final = "context.confirmations"
"""Settings that hold what was journaled last, as documents by id."""


class Announcer:
    """Announces planned events and verdicts to the shard. Thread-safe.

    Parameters
    ----------
    journal, incidents, settings
        Of the product.
    config
        In force.
    clock
        Returns the time, ns since the epoch.
    """

    def __init__(
        self, journal: Journal, incidents: Incidents, settings: Settings, config: Config, clock: Callable[[], int]
    ) -> None:
        self._journal = journal
        self._incidents = incidents
        self._settings = settings
        self._config = config
        self._clock = clock
        self.files = SuppressionFiles(Path(config.data.folder) / "suppressions")
        self._lock = Lock()

    def events(self) -> list[PlannedEvent]:
        """Return the events that are ahead, on, or were over lately, by their start."""
        known = [event_from_document(row) for row in self._settings.get(EVENTS, {}).values()]
        kept = [event for event in known if event.end > self._clock() - REVERSIBLE]
        return sorted(kept, key=lambda event: (event.start, event.id))

    def plan(self, events: Sequence[PlannedEvent]) -> list[str]:
        """Announce events, durable when it returns; one with an id that is known replaces it.

        Where more than `MOST_EVENTS` would be known, those that were over first are listed no longer.

        Returns the ids of stored incidents that the events explain, newest first.

        Raises
        ------
        BadInput
            For more than `MOST_EVENTS` that are not over.
        """
        with self._lock:
            known = {event.id: event for event in self.events()} | {event.id: event for event in events}
            new = {event.id for event in events}
            for event in sorted(known.values(), key=lambda one: (one.end, one.id)):
                if len(known) > MOST_EVENTS and event.id not in new and self._is_past(event):
                    del known[event.id]
            if len(known) > MOST_EVENTS:
                raise BadInput(
                    "too_many_events", detail=f"{len(known)} with those known, expected {MOST_EVENTS} at most"
                )
            self._say(events)
            self._settings.set(EVENTS, {name: notice_to_document(event) for name, event in known.items()})
        return [name for event in events if event.start < self._clock() for name in self._explained(event)]

    def _is_past(self, event: PlannedEvent) -> bool:
        """Say whether nothing is judged by an event any longer."""
        return event.end + round(self._config.decision.change_window * SECOND) < self._clock()

    def withdraw(self, identity: str) -> bool:
        """Take an event back; says whether it was there."""
        with self._lock:
            known = {event.id: event for event in self.events()}
            if known.pop(identity, None) is None:
                return False
            self._say([Withdrawal(identity)])
            self._settings.set(EVENTS, {name: notice_to_document(event) for name, event in known.items()})
            return True

    def judge(
        self, identity: str, verdict: str | None, note: str = "", *, preview: bool = False, force: bool = False
    ) -> Document | None:
        """Take in a verdict, or with `preview` only say what it would do; None where there is no such incident.

        Returns the incident with its ``verdict`` and, for expected and noise, the ``effect``.

        Raises
        ------
        BadInput
            For a verdict that would hide incidents that were judged real, unless `force`; they are named. For one on
            what was simulated.
        """
        found = self._incidents.get(identity)
        if found is None:
            return None
        name = str(found["id"])
        if verdict not in (Verdict.EXPECTED, Verdict.NOISE):
            if not preview:
                self._release(name)
                if verdict == Verdict.REAL and not found.get("simulated"):
                    self._confirm(name)
                self._incidents.set_verdict(name, verdict)
            return {**found, "verdict": found["verdict"] if preview else verdict, "effect": None}
        if found.get("simulated"):
            why = f"{name} was simulated ({found['simulated']}): {verdict!r} would hide the real thing"
            raise BadInput("simulated", detail=why)
        suppression = self._suppression(name, Verdict(verdict), note)
        told = self._described(effect(self._past(), suppression), suppression)
        if preview:
            return {**found, "effect": told}
        if told["real"] and not force:
            hidden = ", ".join(told["real"])
            raise BadInput(
                "hides_real", detail=f"would hide what was judged real: {hidden}; do it with force if you mean it"
            )
        with self._lock:
            self._say([suppression])
            self._remember({**self._settings.get(SUPPRESSED, {}), name: notice_to_document(suppression)})
            self._settings.set(CONFIRMED, {one: row for one, row in self._confirmed().items() if one != name})
            self.files.write(suppression)
        self._incidents.set_verdict(name, verdict)
        return {**found, "verdict": verdict, "effect": told}

    def synchronize(self) -> list[str]:
        """Announce what was changed in the folder of suppressions since; returns a sentence for each change.

        Raises
        ------
        ConfigError
            For files that can't be read.
        """
        with self._lock:
            written = {one.id: one for one in self.files.all()}
            known = {name: suppression_from_document(row) for name, row in self._settings.get(SUPPRESSED, {}).items()}
            new = [one for name, one in written.items() if known.get(name) != one]
            gone = [name for name in known if name not in written]
            if new or gone:
                self._say([*new, *map(Withdrawal, gone)])
                self._remember({name: notice_to_document(one) for name, one in written.items()})
        return [f"suppression {one.id} was changed" for one in new] + [f"suppression {one} was removed" for one in gone]

    def repeat(self) -> None:
        """Announce again all that still matters, for a shard that has learned nothing yet."""
        with self._lock:
            current = [event for event in self.events() if event.end > self._clock()]
            held = [suppression_from_document(row) for row in self._settings.get(SUPPRESSED, {}).values()]
            real = [confirmation_from_document(row) for row in self._confirmed().values()]
            if current or held or real:
                self._say([*current, *held, *real])

    def _say(self, notices: Sequence[Notice]) -> None:
        self._journal.append(0, (), notices=notices)

    def _remember(self, suppressions: Document) -> None:
        self._settings.set(SUPPRESSED, suppressions)

    def _confirmed(self) -> Document:
        """Return the confirmations that have not expired, by the incident's id."""
        return {name: row for name, row in self._settings.get(CONFIRMED, {}).items() if row["until"] > self._clock()}

    def _confirm(self, name: str) -> None:
        """Announce that an incident is real."""
        kinds = tuple(cause for cause in causes_of(self._findings(name)) if cause.item)
        confirmation = Confirmation(name, kinds, self._clock() + REVERSIBLE)
        with self._lock:
            self._say([confirmation])
            self._settings.set(CONFIRMED, {**self._confirmed(), name: notice_to_document(confirmation)})

    def _release(self, name: str) -> None:
        """Take back what an incident's verdict suppressed or confirmed, if it had one."""
        with self._lock:
            known, real = self._settings.get(SUPPRESSED, {}), self._confirmed()
            if name in known or name in real:
                self._say([Withdrawal(name)])
            if name in known:
                self._remember({other: row for other, row in known.items() if other != name})
                self.files.remove(name)
            if name in real:
                self._settings.set(CONFIRMED, {other: row for other, row in real.items() if other != name})

    def _suppression(self, name: str, verdict: Verdict, note: str) -> Suppression:
        moment = self._clock() // 1_000_000 * 1_000_000  # as a file has it
        return Suppression(name, name, verdict, causes_of(self._findings(name)), moment, moment + REVERSIBLE, note)

    def _past(self) -> Past:
        since = self._clock() - REVERSIBLE
        rules = Rules(round(self._config.decision.resolve_after * SECOND))
        findings = [finding_from_document(row) for row in self._incidents.findings_since(since)]
        return Past(findings, rules, self.events(), round(self._config.decision.change_window * SECOND))

    def _described(self, told: Effect, suppression: Suppression) -> Document:
        hidden = {finding.id for finding in told.hidden}
        holding = self._incidents.incidents_with(hidden)
        judged = self._incidents.judged(Verdict.REAL.value)
        real = [row for row in judged if row["id"] in holding]
        return {
            "days": REVERSIBLE // DAY,
            "hidden_findings": len(told.hidden),
            "hidden_incidents": [{"id": one.id, "title": one.title} for one in told.gone],
            "incidents_before": len(told.before),
            "incidents_after": len(told.after),
            "real": [str(row["id"]) for row in real],
            "judged_real": len(judged),
            "until": rfc3339(suppression.until),
        }

    def _explained(self, event: PlannedEvent) -> list[str]:
        """Return the stored incidents all of whose findings an event excuses."""
        rows = self._incidents.list(since=event.start, until=event.end, limit=500).items
        return [name for name in (str(row["id"]) for row in rows) if _falls_into(event, self._findings(name))]

    def _findings(self, name: str) -> list[Finding]:
        return [finding_from_document(row) for row in self._incidents.findings(name, limit=None)]


def _falls_into(event: PlannedEvent, findings: Sequence[Finding]) -> bool:
    """Say whether an event excuses all findings of an incident, of which there are some."""
    if not findings:
        return False
    episode = Episode(findings[0].start, findings[0].segment)
    for finding in findings:
        episode.add(finding)
    return falls_into(event, episode)
