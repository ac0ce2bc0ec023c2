"""What was proved, at rest: the last outcome of each technique, and why it does not count any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from vedette import __version__
from vedette.errors import BadInput
from vedette.records.time import SECOND, from_rfc3339, rfc3339
from vedette.store.settings import Settings

KEY: Final = "proofs"
STALE_AFTER: Final = 90 * 86_400 * SECOND
MOST: Final = 1000

Document = dict[str, Any]


@dataclass(frozen=True)
class Proofs:
    """Keeps accounts of ``vedette prove``.

    Notes
    -----
    A proof is of a release and of the rules that were in force when it was kept. It is stale once it is older than
    90 days, or the server has other rules or is of another release, as then detectors may differ. **It does not show**
    that this installation's own sources would have shown the attack: it was played into a made-up company's.
    """

    settings: Settings
    rules: Callable[[], str]
    """Returns a name for the rules in force, which differs with them."""
    clock: Callable[[], int]

    def keep(self, account: Document) -> int:
        """Keep an account, its ``date`` in ns since the epoch; returns the number of techniques in it.

        Raises
        ------
        BadInput
            For one that is dated in the future, or for more techniques than are kept.
        """
        moment: int = account["date"]
        if moment > self.clock() + 86_400 * SECOND:
            raise BadInput("proof_date", detail=f"date: got {rfc3339(moment)}, expected one that is not in the future")
        known: dict[str, Document] = self.settings.get(KEY, {})
        stamp = {"date": rfc3339(moment), "vedette": account["vedette"], "rules": self.rules()}
        for row in account["techniques"]:
            if row["key"] not in known or from_rfc3339(known[row["key"]]["date"]) <= moment:
                known[row["key"]] = {**row, **stamp}
        if len(known) > MOST:
            raise BadInput("too_many_proofs", detail=f"{len(known)} techniques, expected {MOST} at most")
        self.settings.set(KEY, known)
        return len(account["techniques"])

    def coverage(self) -> Document:
        """Return each technique's proof, and how many count."""
        rules = self.rules()
        rows = [{**row, "stale": self._stale(row, rules)} for _, row in sorted(self.settings.get(KEY, {}).items())]
        found = [row for row in rows if row["outcome"] != "missed"]
        proved = sum(not row["stale"] for row in found)
        return {
            "techniques": rows,
            "played": len(rows),
            "proved": proved,
            "missed": len(rows) - len(found),
            "stale": sum(bool(row["stale"]) for row in rows),
            "coverage": round(proved / len(rows), 3) if rows else 0.0,
            "canary": self.settings.get("canary.last"),
        }

    def _stale(self, row: Document, rules: str) -> str:
        """Return why a proof does not count any more; empty while it does."""
        if self.clock() - from_rfc3339(row["date"]) > STALE_AFTER:
            return "older than 90 days"
        if row["vedette"] != __version__:
            return f"proved with {row['vedette']}, this is {__version__}"
        return "rules were changed since" if row["rules"] != rules else ""
