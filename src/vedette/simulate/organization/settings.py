"""How large an organization, for how long, from which seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAY: Final = 86_400.0

START: Final = 1_767_571_200.0
"""2026-01-05, a Monday, midnight UTC, in epoch seconds."""


@dataclass(frozen=True, slots=True)
class Organization:
    """What to make up.

    Parameters
    ----------
    users, accounts, servers
        People, service accounts, and hosts beside the laptops.
    days
        From `START`.
    seed
        Of all chance but the red team's, which has its own in each insertion.
    pace
        Events of a user and day, as a share of the usual (about 75 for a working day).
    """

    users: int = 500
    accounts: int = 30
    servers: int = 120
    days: int = 60
    seed: int = 1
    pace: float = 1.0

    @property
    def hosts(self) -> int:
        """Laptops, their replacements, and servers."""
        return 2 * self.users + self.servers
