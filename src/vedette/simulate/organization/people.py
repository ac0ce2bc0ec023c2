"""Who works there: roles, teams, sites, habits. A persona is a person in a role; a change of role is a new persona."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedette.simulate.organization.roles import ACTIONS, ROLES, SITES
from vedette.simulate.organization.settings import Organization

TEAM: Final = 12
"""People in a team, on average."""
MOST_SERVERS: Final = 20

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Personas:
    """Arrays over personas: two for every user, the second one in use after a change of role.

    ``pace`` is a person's own events a day by action, ``servers`` the hosts used by habit, most used first.
    """

    role: Ints
    team: Ints
    pace: Floats
    servers: Ints
    offset: Ints


@dataclass(frozen=True, slots=True)
class People:
    """Arrays over users: site, own times and ways, and the days on which things change (`days` if never)."""

    personas: Personas
    site: Ints
    starts: Floats
    evening: Floats
    joins: Ints
    changes: Ints
    leaves: Ints
    replaced: Ints
    size: Floats
    teams: int

    def persona(self, user: Any, day: Any) -> Any:
        """Return the persona in which a user works on a day; arrays or numbers."""
        return 2 * user + (day >= self.changes[user])


def hire(size: Organization, rng: np.random.Generator) -> People:
    """Draw the people: 6 % join during the time, 4 % change role, 3 % leave, 5 % get a new laptop."""
    count = size.users
    teams = max(len(ROLES), count // TEAM)
    team_role = np.sort(rng.choice(len(ROLES), teams, p=_shares()))
    team_role[: len(ROLES)] = np.arange(len(ROLES))
    pool = [rng.choice(size.servers, min(30, size.servers), replace=False) for _ in range(teams)]
    team = rng.integers(teams, size=2 * count)
    role = team_role[team]
    daily = np.array([each.daily for each in ROLES], np.float64)[role]
    servers = np.stack([_habits(pool[number], rng) for number in team.tolist()])
    personas = Personas(
        role,
        team,
        daily * rng.lognormal(-0.12, 0.5, (2 * count, len(ACTIONS))),
        servers,
        rng.integers(1 << 20, size=2 * count),
    )
    return People(
        personas,
        rng.choice(len(SITES), count, p=(0.5, 0.3, 0.2)),
        rng.normal(0.0, 0.8, count),
        np.minimum(rng.lognormal(-3.5, 1.0, count), 0.3),
        _some(0.06, count, size.days, rng, early=-1),
        _some(0.04, count, size.days, rng, early=size.days),
        _some(0.03, count, size.days, rng, early=size.days),
        _some(0.05, count, size.days, rng, early=size.days),
        rng.lognormal(0.0, 0.4, count),
        teams,
    )


def _shares() -> Floats:
    shares = np.array([role.share for role in ROLES])
    normed: Floats = shares / shares.sum()
    return normed


def _habits(pool: Ints, rng: np.random.Generator) -> Ints:
    chosen = rng.permutation(pool)
    return np.resize(chosen, MOST_SERVERS)


def _some(share: float, count: int, days: int, rng: np.random.Generator, early: int) -> Ints:
    """Return a day for a share of the users, `early` (never, or from the beginning) for the others."""
    return np.where(rng.random(count) < share, rng.integers(5, max(days, 6), count), early)
