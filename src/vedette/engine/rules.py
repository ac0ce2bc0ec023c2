"""Other rules while the server runs: compiled aside, journaled, then in force; the old ones hold until then."""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

from vedette.assembly import Lists, make_match, make_shelf, sources_of
from vedette.config.schema import Config
from vedette.errors import VedetteError
from vedette.journal.log import Journal
from vedette.records.batch import RawBatch
from vedette.records.context import RulesInForce
from vedette.rules.added import compare
from vedette.rules.shelf import Edition
from vedette.store.settings import Settings
from vedette.telemetry import metrics

IN_FORCE: Final = "rules.in_force"
"""Setting that holds the names of the parts that were journaled last."""

Document = dict[str, Any]


class RulesInUse:
    """The rules of a running server. Thread-safe.

    Notes
    -----
    The journal says which edition holds from where on, so a replay changes the rules where the live run did. It is
    journaled before events are marked by it: every mark of a new rule comes after the notice that makes it known.
    An edition that can't be compiled changes nothing, also at a start: then those that held before hold on.

    Lists of indicators are read with the rules. The shard knows a list before events are marked by it, and what a newer
    one lacks stays in it for a time, so that marks of before are known, too.

    Parameters
    ----------
    config, journal, settings
        Of the product.

    Raises
    ------
    VedetteError
        If a source can't be read, and no rules held before.
    """

    def __init__(self, config: Config, journal: Journal, settings: Settings) -> None:
        self._config = config
        self._journal = journal
        self._settings = settings
        self._lock = Lock()
        self.shelf = make_shelf(config)
        self.lists = Lists(config)
        self.trouble = ""
        """Why other rules or lists hold than those that are there, as a sentence; empty while all is well."""
        self.edition = self._first()
        self.trouble = "; ".join(one for one in (self.trouble, self.lists.damaged) if one)
        self._match = make_match(config, self.edition.rules, self.lists.index)
        self._count()

    def _first(self) -> Edition:
        """Return the rules that are there, or those that held last if they can't be read."""
        try:
            return self.shelf.compile(sources_of(self._config))
        except VedetteError as error:
            parts = tuple(self._settings.get(IN_FORCE, []))
            rules = self.shelf.find(parts) if parts else None
            if rules is None:
                raise
            self.trouble = f"the rules that held before hold on: {error}"
            return Edition(parts, rules)

    def match(self, batch: RawBatch) -> RawBatch:
        """Mark what the rules in force match."""
        return self._match(batch)

    def name(self) -> str:
        """Return a name for the edition in force: it differs by every byte of the rules."""
        return self.edition.name

    def announce(self) -> None:
        """Journal the edition that the server started with, if the journal has another one or none."""
        with self._lock:
            if self._settings.get(IN_FORCE, []) != [*self.edition.parts]:
                self._say(self.edition)
                self._settings.set(IN_FORCE, [*self.edition.parts])

    def reload(self) -> Document:
        """Read rules and lists of indicators again and put them in force.

        Returns how many rules came, changed and went, how many indicators are in force, and the problems of rules.

        Raises
        ------
        VedetteError
            For a source or list that can't be read, or a source without a usable rule; all then stays as it is.
        """
        with self._lock:
            try:
                edition = self.shelf.compile(sources_of(self._config))
                self.lists.read()
                match = make_match(self._config, edition.rules, self.lists.index)
            except VedetteError:
                metrics.RULES_RELOADED.add(1, "refused")
                raise
            before = self.edition
            if edition.parts != before.parts:
                self._say(edition)
            self.edition, self._match, self.trouble = edition, match, ""
            self._settings.set(IN_FORCE, [*edition.parts])
            self._count()
            metrics.RULES_RELOADED.add(1, "done")
        change = compare(before.rules, edition.rules)
        return {
            **self.shown(),
            "added": len(change.added),
            "changed": len(change.changed),
            "removed": len(change.removed),
        }

    def _say(self, edition: Edition) -> None:
        self._journal.append(0, (), notices=[RulesInForce(edition.parts)])

    def _count(self) -> None:
        metrics.RULES.set(len(self.edition.rules.rules) + len(self.edition.rules.correlations))
        metrics.INDICATORS.set(len(self.lists.index))
        metrics.RULES_LEFT_OUT.set(len(self.edition.rules.problems))

    def shown(self) -> Document:
        """Return how many rules are in force, and those that were left out and why."""
        rules = self.edition.rules
        return {
            "rules": len(rules.rules),
            "correlations": len(rules.correlations),
            "indicators": len(self.lists.index),
            "left_out": [str(problem) for problem in rules.problems],
        }
