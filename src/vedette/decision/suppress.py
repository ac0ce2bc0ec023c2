"""What people do not want to see again: findings of a cause that was judged expected or noise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vedette.records.context import Cause, Notice, Suppression, Withdrawal
from vedette.records.finding import Finding, Kind
from vedette.records.notice import notice_to_document, suppression_from_document
from vedette.state.tree import Tree

MARGIN: Final = 0.25
"""How much further than what was seen a number may go and still be the same matter, as a share of its deviation."""

MOST_ENTITIES: Final = 100


def causes_of(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Return what the findings of an incident have in common: one cause a segment, feature, item and direction."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.segment, one.feature, one.item, one.actual >= one.expected), []).append(one)
    return tuple(_cause(group) for group in groups.values())


def _cause(group: list[Finding]) -> Cause:
    """Return the cause of findings that are alike, from what was expected to a margin beyond the furthest of them."""
    first = group[0]
    who = tuple(dict.fromkeys(entity for one in group for entity in one.entities))[:MOST_ENTITIES]
    entities = who if first.kind is Kind.SECURITY else ()
    if first.item:
        return Cause(first.segment, first.feature, first.item, entities=entities)
    ends = [one.expected for one in group] + [one.actual + MARGIN * (one.actual - one.expected) for one in group]
    return Cause(first.segment, first.feature, "", min(ends), max(ends), entities)


class Suppressions:
    """The suppressions in force, each until it expires or is withdrawn."""

    def __init__(self) -> None:
        self._active: dict[str, Suppression] = {}

    def heed(self, notice: Notice) -> None:
        """Take in a suppression, or take one back."""
        if isinstance(notice, Suppression):
            self._active[notice.id] = notice
        elif isinstance(notice, Withdrawal):
            self._active.pop(notice.id, None)

    def visible(self, findings: tuple[Finding, ...], start: int) -> tuple[Finding, ...]:
        """Return the findings of the window from `start` that nothing hides."""
        if not self._active:
            return findings
        self._active = {name: one for name, one in self._active.items() if start < one.until}
        return tuple(one for one in findings if not any(known.hides(one) for known in self._active.values()))

    def snapshot(self) -> Tree:
        """Return what is in force as JSON-able rows."""
        return {"active": [notice_to_document(one) for one in self._active.values()]}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._active = {row["id"]: suppression_from_document(row) for row in tree["active"]}
