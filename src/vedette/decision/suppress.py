"""What people do not want to see again: findings of a cause that was judged expected or noise."""

from __future__ import annotations

from vedette.records.context import Notice, Suppression, Withdrawal
from vedette.records.finding import Finding
from vedette.records.notice import notice_to_document, suppression_from_document
from vedette.state.tree import Tree


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
