"""What people do on a day: every kind of action drawn for all users and days at once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedette.simulate.organization import events as names
from vedette.simulate.organization.events import Events, events
from vedette.simulate.organization.people import Floats, Ints, People
from vedette.simulate.organization.presence import AWAY, HOME, Presence
from vedette.simulate.organization.roles import (
    ACTIONS,
    COUNTRIES,
    DOWNLOAD,
    FILE_READ,
    LOG_IN,
    MAIL,
    PROCESS_START,
    QUERY,
    ROLES,
    SITES,
    SIZES,
    SPREADS,
)
from vedette.simulate.organization.settings import DAY, START, Organization

ON_SERVER: Final = (0.12, 0.0, 0.0, 0.0, 0.5, 0.3, 0.25)
"""Share of each action that happens on a server instead of the laptop."""
CHANGES_NET: Final = 0.02
"""Chance a day of another address than usual: another room, café, phone."""
MISPLACED: Final = 0.001
"""Share of user-days on which the address is looked up in a wrong country."""
ROLLOUT: Final = 35
"""Day on which a new agent starts on everyone's host."""


class Work:
    """Draws people's events.

    Parameters
    ----------
    size, people, presence
        Whose.
    rng
        Chance.
    """

    def __init__(self, size: Organization, people: People, presence: Presence, rng: np.random.Generator) -> None:
        self._size = size
        self._people = people
        self._presence = presence
        self._rng = rng
        shape = (size.users, size.days)
        self._strays = rng.random(shape) < CHANGES_NET
        self._misplaced = rng.random(shape) < MISPLACED
        self._away_net = rng.integers(names.NETS_AWAY // 2, size=shape) + names.NETS_SITE + 2 * size.users

    def all(self) -> list[Events]:
        """Return the events of all actions, and of the odd days that are nobody's fault."""
        parts = [self._acted(action) for action in range(len(ACTIONS))]
        return [*parts, self._nights(), self._bulk(), self._mistakes(), self._rollout()]

    def _acted(self, action: int) -> Events:
        busy = self._presence.busy
        users, days = np.arange(len(busy))[:, None], np.arange(busy.shape[1])[None, :]
        mean = self._people.personas.pace[self._people.persona(users, days), action] * busy * self._size.pace
        counts = self._rng.poisson(mean * self._rng.gamma(4.0, 0.25, mean.shape))
        user, day = (np.repeat(part, counts.ravel()) for part in np.divmod(np.arange(counts.size), counts.shape[1]))
        return self.at(self._hours(user, day), user, day, action)

    def _hours(self, user: Ints, day: Ints) -> Floats:
        """Return seconds into the local day: two humps around lunch, and evenings for those who have them."""
        rng, presence = self._rng, self._presence
        half = np.where(rng.random(len(user)) < 0.55, rng.beta(1.6, 1.6, len(user)) * 0.48, 0.0)
        into = np.where(half > 0.0, half, 0.55 + 0.45 * rng.beta(1.6, 1.6, len(user)))
        late = rng.random(len(user)) < self._people.evening[user] * (np.sin(user * 7.7 + day * 3.1) > 0.3)
        into = np.where(late, 1.0 + rng.exponential(0.25, len(user)), into)
        return (presence.starts[user, day] + presence.hours[user, day] * into) * 3600.0

    def at(self, seconds: Floats, user: Ints, day: Ints, action: int) -> Events:
        """Return events of one action at local times of users' days, with all that belongs to them."""
        rng, count = self._rng, len(user)
        persona = self._people.persona(user, day)
        shift = np.array([hours for _, hours in SITES])[self._people.site[user]] * 3600.0
        size = SIZES[action] * rng.lognormal(0.0, SPREADS[action] or 1.0, count)
        if action in (FILE_READ, DOWNLOAD, QUERY):
            size *= self._people.size[user]
        net, country = self._from(user, day)
        return events(
            START + day * DAY + seconds - shift,
            user=user,
            host=self._host(user, day, persona, action),
            action=action,
            net=net,
            country=country,
            service=self._service(persona, action),
            resource=self._file(user, day, persona) if action in (FILE_READ, DOWNLOAD) else names.NOBODY,
            process=self._process(persona) if action == PROCESS_START else names.NOBODY,
            size=size,
            failed=(rng.random(count) < 0.015).astype(np.int64),
        )

    def _from(self, user: Ints, day: Ints) -> tuple[Ints, Ints]:
        place, site = self._presence.place[user, day], self._people.site[user]
        office = site * 8 + user % 8
        home = names.NETS_SITE + 2 * user + (day > 20 + user % 40)
        net = np.where(place == HOME, home, office)
        net = np.where((place == AWAY) | self._strays[user, day], self._away_net[user, day], net)
        country = self._presence.country[user, day]
        wrong = np.array([COUNTRIES.index(name) for name in ("NL", "FR", "CA")])[site]
        return net, np.where(self._misplaced[user, day], wrong, country)

    def _host(self, user: Ints, day: Ints, persona: Ints, action: int) -> Ints:
        rng, personas = self._rng, self._people.personas
        laptop = user + self._size.users * (day >= self._people.replaced[user])
        known = np.array([role.servers for role in ROLES])[personas.role[persona]]
        place = (known * rng.random(len(user)) ** 2.0).astype(np.int64)
        server = personas.servers[persona, place]
        wander = np.array([role.wander for role in ROLES])[personas.role[persona]]
        any_server = (self._size.servers * rng.random(len(user)) ** 1.5).astype(np.int64)
        server = np.where(rng.random(len(user)) < wander, any_server, server)
        on_server = rng.random(len(user)) < ON_SERVER[action]
        return np.where(on_server, 2 * self._size.users + server, laptop)

    def _service(self, persona: Ints, action: int) -> Any:
        if action in (LOG_IN, MAIL, FILE_READ, PROCESS_START):
            return (0, 1, 2, 2, 2, 2, names.NOBODY)[action]
        if action == DOWNLOAD:
            return 2
        role = self._people.personas.role[persona]
        habit = (role * 5 + (3 * self._rng.random(len(persona)) ** 2).astype(np.int64)) % 10 + 4
        stray = self._rng.integers(4, len(names.SERVICES) - 2, len(persona))
        return np.where(self._rng.random(len(persona)) < 0.01, stray, habit)

    def _file(self, user: Ints, day: Ints, persona: Ints) -> Ints:
        """Return files: mostly the team's and one's own, of the current project; projects move on."""
        rng, personas, count = self._rng, self._people.personas, len(user)
        project = day // (6 + user % 9) * 7
        rank = (rng.random(count) ** 3 * names.TEAM_FILES).astype(np.int64)
        team = (
            personas.team[persona] * names.TEAM_FILES + (rank + personas.offset[persona] + project) % names.TEAM_FILES
        )
        teams = self._people.teams * names.TEAM_FILES
        open_file = teams + (rng.random(count) ** 3 * names.OPEN_FILES).astype(np.int64)
        own = (rng.random(count) ** 2 * names.OWN_FILES).astype(np.int64) + project
        own = teams + names.OPEN_FILES + user * names.OWN_FILES + own % names.OWN_FILES
        other = rng.integers(teams, size=count)
        choice = rng.random(count)
        return np.select([choice < 0.5, choice < 0.65, choice < 0.985], [team, open_file, own], other)

    def _process(self, persona: Ints) -> Ints:
        rng, count = self._rng, len(persona)
        role = self._people.personas.role[persona]
        common = (len(names.COMMON) * rng.random(count) ** 1.5).astype(np.int64)
        habit = names.RARE_FIRST + role * 20 + (20 * rng.random(count) ** 2).astype(np.int64)
        rare = names.RARE_FIRST + rng.integers(300, size=count)
        tool = len(names.COMMON) + rng.integers(len(names.TOOLS), size=count)
        admin = np.isin(role, [0, 7])
        choice = rng.random(count)
        plain = np.where(choice < 0.995, np.where(choice < 0.6, common, habit), rare)
        return np.where(admin & (choice > 0.9), tool, plain)

    def _nights(self) -> Events:
        """Return late sessions: 5 to 40 events between nine and two, of all kinds."""
        user, day = np.nonzero(self._presence.night)
        return self._sessions(user, day, 21.0, 5.0, 5, 40, (MAIL, FILE_READ, DOWNLOAD, QUERY, PROCESS_START))

    def _bulk(self) -> Events:
        """Return moves of 60 to 600 files in two hours of the day, as a new laptop, an archive or a data set needs."""
        role = self._people.personas.role[2 * np.arange(self._size.users)]
        chance = np.array([each.bulk for each in ROLES])[role][:, None]
        busy = self._presence.busy > 0.0
        moved = (self._rng.random(busy.shape) < chance) & busy
        replaced = self._people.replaced[:, None] == np.arange(self._size.days)[None, :]
        user, day = np.nonzero(moved | (replaced & busy))
        return self._sessions(user, day, 9.0, 7.0, 60, 600, (DOWNLOAD,))

    def _sessions(
        self, user: Ints, day: Ints, first: float, span: float, least: int, most: int, actions: tuple[int, ...]
    ) -> Events:
        counts = (least * (most / least) ** self._rng.random(len(user)) * min(self._size.pace, 1.0)).astype(
            np.int64
        ) + 1
        begin = np.repeat(first + span * 0.6 * self._rng.random(len(user)), counts)
        users, days = np.repeat(user, counts), np.repeat(day, counts)
        seconds = (begin + span * 0.4 * self._rng.random(len(users))) * 3600.0
        kind = self._rng.integers(len(actions), size=len(users))
        return names.joined(
            [self.at(seconds[kind == k], users[kind == k], days[kind == k], action) for k, action in enumerate(actions)]
        )

    def _mistakes(self) -> Events:
        """Return passwords mistyped: two to six in a row, on 1.5 % of days and a third of first days after leave."""
        presence = self._presence
        chance = np.where(presence.back, 0.33, 0.015)
        user, day = np.nonzero((self._rng.random(chance.shape) < chance) & (presence.busy > 0.0))
        counts = self._rng.integers(2, 7, len(user))
        users, days = np.repeat(user, counts), np.repeat(day, counts)
        seconds = presence.starts[users, days] * 3600.0 + self._rng.random(len(users)) * 120.0
        wrong = self.at(seconds, users, days, LOG_IN)
        return events(
            wrong.time,
            user=users,
            host=wrong.host,
            action=LOG_IN,
            net=wrong.net,
            country=wrong.country,
            service=wrong.service,
            failed=1,
        )

    def _rollout(self) -> Events:
        """Return the starts of an agent that everyone gets within three days."""
        first = ROLLOUT + np.arange(self._size.users) % 3
        busy = self._presence.busy > 0.0
        user, day = np.nonzero(busy & (np.arange(self._size.days)[None, :] >= first[:, None]))
        started = self.at(self._presence.starts[user, day] * 3600.0, user, day, PROCESS_START)
        return events(
            started.time,
            user=user,
            host=started.host,
            action=PROCESS_START,
            net=started.net,
            country=started.country,
            process=names.AGENT,
        )
