"""What service accounts do: hourly, nightly, weekly and monthly jobs, and file transfers for partners."""

from __future__ import annotations

import numpy as np

from vedette.simulate.organization import events as names
from vedette.simulate.organization.events import Events, events
from vedette.simulate.organization.roles import API_CALL, COUNTRIES, DOWNLOAD, LOG_IN, PROCESS_START, QUERY
from vedette.simulate.organization.settings import DAY, START, Organization


def host_of(size: Organization, account: int) -> int:
    """Return the server on which an account runs."""
    return 2 * size.users + (account * 7) % size.servers


def run_jobs(size: Organization, rng: np.random.Generator) -> list[Events]:
    """Return the events of all accounts; account 0 transfers files, the others run jobs."""
    parts = [_transfers(size, rng)]
    for account in range(1, size.accounts):
        parts += [_job(size, account, action, rng) for action in (LOG_IN, QUERY, API_CALL, PROCESS_START)]
    return parts


def _job(size: Organization, account: int, action: int, rng: np.random.Generator) -> Events:
    """Return one action of a job: every hour, every night, on Sundays or on the first of a month, by account."""
    days = np.arange(size.days)
    hours = np.arange(24) if account % 4 == 0 else np.array([1 + account % 5])
    if account % 4 == 2:
        days = days[days % 7 == 6]
    if account % 4 == 3:
        days = np.union1d(days[days % 30 == 26], days[days % 7 == account % 5])
    runs = (days[:, None] * DAY + hours[None, :] * 3600.0).ravel()
    mean = {LOG_IN: 1.0, QUERY: 12.0, API_CALL: 10.0, PROCESS_START: 3.0}[action]
    start = np.repeat(runs, rng.poisson(mean * max(size.pace, 0.2), len(runs)))
    count = len(start)
    target = 2 * size.users + (account * 7 + rng.choice((0, 0, 0, 3, 11), count)) % size.servers
    return events(
        START + start + 1200.0 * rng.random(count),
        user=size.users + account,
        host=target,
        action=action,
        net=account % 24,
        country=COUNTRIES.index("DE"),
        service=names.NOBODY if action == PROCESS_START else 11 + account % 5,
        process=names.RARE_FIRST + 200 + account * 3 + rng.integers(3, size=count) if action == PROCESS_START else -1,
        size=rng.lognormal(10.0, 1.5, count) * (action == QUERY),
        failed=rng.random(count) < 0.005,
    )


def _transfers(size: Organization, rng: np.random.Generator) -> Events:
    """Return some 400 downloads on a working day by forty partners; a new partner every other week."""
    mean = np.where(np.arange(size.days) % 7 < 5, 400.0, 80.0) * rng.lognormal(0.0, 0.25, size.days) * size.pace
    day = np.repeat(np.arange(size.days), rng.poisson(mean))
    count = len(day)
    partner = (rng.random(count) ** 2 * (40 + day // 14)).astype(np.int64)
    return events(
        START + day * DAY + 86_400.0 * rng.beta(3.0, 3.0, count),
        user=size.users,
        host=host_of(size, 0),
        action=DOWNLOAD,
        net=names.NETS_SITE + 2 * size.users + partner,
        country=partner % 9,
        service=names.SERVICES.index("transfer"),
        resource=(rng.random(count) ** 2 * 3000).astype(np.int64),
        size=1.5e6 * rng.lognormal(0.0, 1.6, count),
    )
