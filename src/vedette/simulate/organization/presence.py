"""Who works on which day, from when to when, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.simulate.organization.people import Floats, Ints, People
from vedette.simulate.organization.roles import ABROAD, COUNTRIES, ROLES, SITES
from vedette.simulate.organization.settings import Organization

HOLIDAYS: Final = ((1, 30), (14, 44), (14, 42))
"""Days off of each site."""
SHIFTS: Final = (6.0, 14.0, 22.0)
OFFICE, HOME, AWAY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Presence:
    """Arrays of shape ``(users, days)``: how busy (0 = off), local start, hours, place, country, back from leave."""

    busy: Floats
    starts: Floats
    hours: Floats
    place: Ints
    country: Ints
    night: NDArray[np.bool_]
    back: NDArray[np.bool_]


def attend(size: Organization, people: People, rng: np.random.Generator) -> Presence:
    """Draw the attendance of everyone for every day."""
    shape = (size.users, size.days)
    users, days = np.arange(size.users)[:, None], np.arange(size.days)[None, :]
    role = people.personas.role[people.persona(users, days)]
    shifts = np.array([each.shifts for each in ROLES])[role]
    off = _off(size, people, rng)
    weekend = np.broadcast_to(days % 7 >= 5, shape)
    rests = np.where(shifts, (days + users) % 7 < 2, weekend & (rng.random(shape) > 0.02))
    holiday = np.zeros(shape, np.bool_)
    for site, dates in enumerate(HOLIDAYS):
        holiday[np.ix_(people.site == site, [date for date in dates if date < size.days])] = True
    works = ~off & ~rests & ~(holiday & ~shifts) & (days >= people.joins[users]) & (days < people.leaves[users])
    busy = np.where(works, rng.lognormal(-0.05, 0.35, shape), 0.0)
    busy *= np.where(weekend & ~shifts, 0.25, 1.0)
    turn = np.array(SHIFTS)[(users + days // 7) % 3]
    usual = np.array([each.starts for each in ROLES])[role] + people.starts[users]
    starts = np.where(shifts, turn, usual) + rng.normal(0.0, 0.5, shape)
    place, country = _where(size, people, role, rng)
    night = rng.random(shape) < np.array([each.nights for each in ROLES])[role]
    back = np.zeros(shape, np.bool_)
    back[:, 1:] = off[:, :-1] & ~off[:, 1:]
    hours = np.broadcast_to(np.array([each.hours for each in ROLES])[role], shape)
    return Presence(busy, starts, hours, place, country, night & works, back)


def _off(size: Organization, people: People, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return leave (one of 3 to 14 days, for most) and sick days (2 %)."""
    days = np.arange(size.days)[None, :]
    first = rng.integers(-10, size.days, size.users)[:, None]
    length = rng.integers(3, 15, size.users)[:, None] * (rng.random((size.users, 1)) < 0.7)
    return ((days >= first) & (days < first + length)) | (rng.random((size.users, size.days)) < 0.02)


def _where(size: Organization, people: People, role: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return place and country: at home by habit, and on journeys of one to five days."""
    shape = (size.users, size.days)
    at_home = rng.random(shape) < np.array([each.home for each in ROLES])[role]
    place = np.where(at_home, HOME, OFFICE)
    sites = np.array([COUNTRIES.index(name) for name, _ in SITES])
    country = np.broadcast_to(sites[people.site][:, None], shape).copy()
    trips = rng.random(shape) < np.array([each.trips for each in ROLES])[role] / 365.0
    targets = np.array([COUNTRIES.index(name) for name in (*ABROAD, *(name for name, _ in SITES))])
    for user, day in np.argwhere(trips).tolist():
        last = day + int(rng.integers(1, 6))
        place[user, day:last] = AWAY
        country[user, day:last] = targets[int(rng.integers(len(targets)) * rng.random() ** 0.5)]
    return place, country
