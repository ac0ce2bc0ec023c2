"""What a red team does among the others, by kind, intensity and seed; and who, when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedette.simulate.organization import events as names
from vedette.simulate.organization.accounts import host_of
from vedette.simulate.organization.events import Events, events
from vedette.simulate.organization.people import People
from vedette.simulate.organization.presence import Presence
from vedette.simulate.organization.roles import COUNTRIES, DOWNLOAD, FILE_READ, HOSTILE, LOG_IN, PROCESS_START, QUERY
from vedette.simulate.organization.settings import DAY, START, Organization
from vedette.simulate.organization.work import Work


@dataclass(frozen=True, slots=True)
class Insertion:
    """One action of the red team.

    Parameters
    ----------
    kind
        One of `KINDS`.
    user
        Number of the account it acts with; service accounts come after the people.
    day
        First day of it.
    intensity
        1 for a plain one; at 0.5 half as many events and what else gives it away, at 2 twice.
    seed
        Of its chance.
    """

    kind: str
    user: int
    day: int
    intensity: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """What the red team acts in."""

    size: Organization
    people: People
    presence: Presence
    work: Work


def stolen_account(act: Insertion, scene: Scene, rng: np.random.Generator) -> Events:
    """Return another's use of an account on two days: a few bad passwords, then files from afar.

    Half of the time from a country where the organization works, always from a machine and address of its own.
    """
    count = _many(45, act)
    day = act.day + rng.integers(2, size=count)
    seconds = 3600.0 * ((7.0 + 12.0 * rng.random()) + 3.0 * rng.random(count))
    users = np.full(count, act.user)
    action = rng.choice((LOG_IN, FILE_READ, DOWNLOAD), count, p=(0.15, 0.5, 0.35))
    return events(
        START + day * DAY + seconds,
        user=act.user,
        host=_machine(scene, rng),
        action=action,
        net=_network(scene, rng),
        country=COUNTRIES.index(str(rng.choice(HOSTILE))),
        service=np.where(action == LOG_IN, 0, 2),
        resource=np.where(action == LOG_IN, -1, _files(scene, users, rng)),
        size=np.where(action == LOG_IN, 0.0, rng.lognormal(13.0, 1.3, count)),
        failed=(action == LOG_IN) & (rng.random(count) < 0.4),
    )


def insider_sips(act: Insertion, scene: Scene, rng: np.random.Generator) -> Events:
    """Return small downloads in eight of twelve nights, by the usual person on the usual laptop from home."""
    nights = act.day + np.sort(rng.choice(12, 8, replace=False))
    nights = nights[nights < scene.size.days]
    day = np.repeat(nights, 1 + rng.poisson(5 * act.intensity, len(nights)))
    users = np.full(len(day), act.user)
    made = scene.work.at(3600.0 * (24.5 + 3.0 * rng.random(len(day))), users, day, DOWNLOAD)
    return events(
        made.time,
        user=act.user,
        host=made.host,
        action=DOWNLOAD,
        net=names.NETS_SITE + 2 * act.user + (day > 20 + act.user % 40),
        country=made.country,
        service=2,
        resource=made.resource,
        size=rng.lognormal(14.5, 0.7, len(day)),
    )


def lateral_movement(act: Insertion, scene: Scene, rng: np.random.Generator) -> Events:
    """Return log-ins from the usual laptop to eight servers in three days, a quarter failing, and tools on them."""
    targets = 2 * scene.size.users + rng.choice(scene.size.servers, min(_many(8, act), scene.size.servers), False)
    host = np.repeat(targets, 4)
    count = len(host)
    action = np.tile((LOG_IN, PROCESS_START, PROCESS_START, FILE_READ), len(targets))
    moment = np.repeat(rng.random(len(targets)) * 2.4, 4) + rng.random(count) * 0.02
    tool = len(names.COMMON) + rng.integers(len(names.TOOLS), size=count)
    return events(
        START + (act.day + 0.35) * DAY + moment // 0.8 * DAY + moment % 0.8 / 2.0 * DAY,
        user=act.user,
        host=host,
        action=action,
        net=scene.people.site[act.user] * 8 + act.user % 8,
        country=scene.presence.country[act.user, act.day],
        service=np.where(action == LOG_IN, 0, -1),
        process=np.where(action == PROCESS_START, tool, -1),
        size=0.0,
        failed=(action == LOG_IN) & (rng.random(count) < 0.25),
    )


def service_misuse(act: Insertion, scene: Scene, rng: np.random.Generator) -> Events:
    """Return a person's use of a service account: from a laptop, in working hours, queries and a tool or two."""
    count = _many(16, act)
    action = rng.choice((LOG_IN, QUERY, PROCESS_START), count, p=(0.2, 0.6, 0.2))
    tool = len(names.COMMON) + rng.integers(len(names.TOOLS), size=count)
    return events(
        START + act.day * DAY + 3600.0 * (8.0 + 8.0 * rng.random() + rng.random(count)),
        user=act.user,
        host=rng.integers(scene.size.users),
        action=action,
        net=rng.integers(24),
        country=COUNTRIES.index("DE"),
        service=np.where(action == QUERY, rng.integers(4, 11), np.where(action == LOG_IN, 0, -1)),
        process=np.where(action == PROCESS_START, tool, -1),
        size=np.where(action == QUERY, rng.lognormal(12.0, 1.5, count), 0.0),
    )


def mass_transfer(act: Insertion, scene: Scene, rng: np.random.Generator) -> Events:
    """Return what was done to MOVEit Transfer in 2023: a web shell on the server, then every file it will give.

    At 1 as many files as on a usual working day, within six hours; at 0.5 half as many. From one address.
    """
    count = _many(400 * scene.size.pace, act)
    begin = START + act.day * DAY + 3600.0 * float(rng.uniform(0.0, 17.0))
    shell = events(
        np.array([begin, begin + 60.0]),
        user=scene.size.users,
        host=host_of(scene.size, 0),
        action=PROCESS_START,
        process=names.SHELL,
    )
    taken = events(
        begin + 600.0 + 6 * 3600.0 * rng.random(count),
        user=scene.size.users,
        host=host_of(scene.size, 0),
        action=DOWNLOAD,
        net=_network(scene, rng),
        country=COUNTRIES.index(str(rng.choice(HOSTILE))),
        service=names.SERVICES.index("transfer"),
        resource=rng.integers(scene.people.teams * names.TEAM_FILES, size=count),
        size=1.5e6 * rng.lognormal(0.0, 1.6, count),
    )
    return names.joined([shell, taken])


def leaver(act: Insertion, scene: Scene, rng: np.random.Generator) -> Events:
    """Return what someone takes along: 90 of the team's and others' files on a working day, from the own laptop."""
    count = _many(90, act)
    day = act.day + rng.integers(2, size=count)
    made = scene.work.at(3600.0 * (10.0 + 7.0 * rng.random(count)), np.full(count, act.user), day, DOWNLOAD)
    files = np.where(rng.random(count) < 0.6, made.resource, _files(scene, made.user, rng))
    columns = {name: getattr(made, name) for name in ("user", "host", "action", "net", "country", "service")}
    return events(made.time, **columns, resource=files, size=made.size)


KINDS: Final[dict[str, Callable[[Insertion, Scene, np.random.Generator], Events]]] = {
    "stolen_account": stolen_account,
    "insider_sips": insider_sips,
    "lateral_movement": lateral_movement,
    "service_misuse": service_misuse,
    "mass_transfer": mass_transfer,
    "leaver": leaver,
}
"""What the red team can do."""


def _many(count: float, act: Insertion) -> int:
    return max(round(count * act.intensity), 2)


def _machine(scene: Scene, rng: np.random.Generator) -> int:
    return 2 * scene.size.users + scene.size.servers + int(rng.integers(500))


def _network(scene: Scene, rng: np.random.Generator) -> int:
    return names.NETS_SITE + 2 * scene.size.users + names.NETS_AWAY // 2 + int(rng.integers(names.NETS_AWAY // 2))


def _files(
    scene: Scene, users: np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return files that the users' team has, whatever project they belong to, and some that are open to all."""
    team = scene.people.personas.team[2 * users] * names.TEAM_FILES
    open_file = scene.people.teams * names.TEAM_FILES + rng.integers(names.OPEN_FILES, size=len(users))
    return np.where(rng.random(len(users)) < 0.7, team + rng.integers(names.TEAM_FILES, size=len(users)), open_file)
