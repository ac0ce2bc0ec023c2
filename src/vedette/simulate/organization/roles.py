"""Roles, and what a working day in them brings: an organization's shape, invented but of plausible proportions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ACTIONS: Final = ("log_in", "mail", "file_read", "download", "query", "api_call", "process_start")
LOG_IN, MAIL, FILE_READ, DOWNLOAD, QUERY, API_CALL, PROCESS_START = range(7)
SIZES: Final = (0.0, 4e4, 1e5, 1.5e6, 2e4, 6e3, 0.0)
"""Median bytes of each action; `SPREADS` is the sigma of their logarithm (downloads: a tail over four decades)."""
SPREADS: Final = (0.0, 1.2, 1.3, 1.6, 1.5, 1.0, 0.0)

SITES: Final = (("DE", 1.0), ("GB", 0.0), ("US", -5.0))
"""Country and hours ahead of UTC."""
ABROAD: Final = ("FR", "NL", "PL", "ES", "IT", "SE", "JP", "IN", "CA", "BR", "SG", "AE")
"""Where business trips go."""
HOSTILE: Final = ("RO", "VN", "NG", "RU", "US", "NL")
"""Where attackers sit, or their exit nodes: two of them are places of business as well."""
COUNTRIES: Final = tuple(dict.fromkeys([country for country, _ in SITES] + list(ABROAD) + list(HOSTILE)))


@dataclass(frozen=True, slots=True)
class Role:
    """What people of a role do.

    Parameters
    ----------
    share
        Of all people.
    daily
        Mean events of a working day, in the order of `ACTIONS`.
    starts, hours
        Local time of day at which work begins, and how long it lasts.
    shifts
        Whether weeks rotate between early, late and night shift, weekends included.
    servers
        Hosts used by habit, beside the laptop.
    wander
        Chance that an event on a server is on one that is not.
    home, trips, nights
        Share of days at home; journeys a year; share of days with work late at night.
    bulk
        Chance a day of moving hundreds of files for a good reason.
    """

    name: str
    share: float
    daily: tuple[float, ...]
    starts: float = 8.5
    hours: float = 8.5
    shifts: bool = False
    servers: int = 3
    wander: float = 0.005
    home: float = 0.35
    trips: float = 2.0
    nights: float = 0.01
    bulk: float = 0.002


ROLES: Final = (
    Role("engineer", 0.22, (5, 12, 14, 5, 8, 16, 22), 9.5, 9.0, servers=8, wander=0.02, nights=0.05, bulk=0.012),
    Role("sales", 0.16, (5, 30, 10, 5, 3, 8, 8), trips=12.0, home=0.3, nights=0.02),
    Role("support", 0.16, (4, 22, 8, 2, 14, 18, 6), 8.0, 8.5, shifts=True, home=0.1),
    Role("finance", 0.10, (4, 20, 22, 6, 12, 5, 7), 8.0, nights=0.01),
    Role("people", 0.06, (4, 24, 18, 4, 4, 5, 6)),
    Role("marketing", 0.10, (4, 20, 14, 12, 2, 6, 9), 9.0, nights=0.015, bulk=0.008),
    Role("legal", 0.05, (4, 22, 26, 6, 1, 3, 6), 9.0, nights=0.03),
    Role("operations", 0.08, (9, 10, 10, 4, 8, 18, 30), 8.0, 9.0, servers=20, wander=0.06, nights=0.08, bulk=0.01),
    Role("management", 0.07, (5, 34, 12, 4, 2, 3, 6), trips=15.0, home=0.4, nights=0.06),
)
