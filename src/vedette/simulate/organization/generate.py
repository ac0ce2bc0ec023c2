"""An organization's events and what the red team did among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vedette.errors import BadInput
from vedette.simulate.organization.accounts import run_jobs
from vedette.simulate.organization.events import Events, joined, to_table, user_names
from vedette.simulate.organization.people import People, hire
from vedette.simulate.organization.presence import Presence, attend
from vedette.simulate.organization.redteam import KINDS, Insertion, Scene
from vedette.simulate.organization.settings import DAY, Organization
from vedette.simulate.organization.work import Work


@dataclass(frozen=True, slots=True)
class Generated:
    """Events in order of time in canonical names; and the truth, one row an insertion.

    ``truth`` has ``kind, user, intensity, events``, and ``first, last`` as days since the epoch.
    """

    events: pa.Table
    truth: pa.Table


def generate(size: Organization, insertions: Sequence[Insertion] = ()) -> Generated:
    """Make up an organization; the same arguments give the same events, and insertions change no others.

    Raises
    ------
    BadInput
        For an insertion of unknown kind, or on a day that does not exist.

    Cost: about 1 µs an event; 500 users in 60 days are two million.
    """
    rng = np.random.default_rng(size.seed)
    people = hire(size, rng)
    presence = attend(size, people, rng)
    parts = [*Work(size, people, presence, rng).all(), *run_jobs(size, rng)]
    made = [_insert(act, size, people, presence) for act in insertions]
    whole = to_table(joined([*parts, *made]), size, people.teams)
    names = user_names(size)
    truth = {
        "kind": [act.kind for act in insertions],
        "user": [names[int(part.user[0])] for part in made],
        "intensity": [act.intensity for act in insertions],
        "events": [len(part) for part in made],
        "first": [int(part.time.min() // DAY) for part in made],
        "last": [int(part.time.max() // DAY) for part in made],
    }
    return Generated(whole, pa.table(truth))


def _insert(act: Insertion, size: Organization, people: People, presence: Presence) -> Events:
    if act.kind not in KINDS:
        raise BadInput("unknown_kind", detail=f"got {act.kind!r}, expected one of {', '.join(KINDS)}")
    if not 0 <= act.day < size.days - 2:
        raise BadInput("bad_day", detail=f"got {act.day}, expected 0 to {size.days - 3}")
    rng = np.random.default_rng((size.seed, act.seed))
    return KINDS[act.kind](act, Scene(size, people, presence, Work(size, people, presence, rng)), rng)


def a_campaign(size: Organization, seed: int, intensities: Sequence[float] = (0.5, 1.0, 2.0)) -> list[Insertion]:
    """Return one insertion of each kind and intensity, on accounts and days drawn from those after the third week."""
    rng = np.random.default_rng(seed)
    people = rng.permutation(size.users).tolist()
    accounts = (size.users + 1 + rng.permutation(size.accounts - 1)).tolist()
    acts = []
    for kind in KINDS:
        days = rng.permutation(np.arange(22, size.days - 8))[: len(intensities)].tolist()
        for day, intensity in zip(days, intensities, strict=True):
            user = size.users if kind == "mass_transfer" else (accounts if kind == "service_misuse" else people).pop()
            acts.append(Insertion(kind, user, day, intensity, int(rng.integers(1 << 30))))
    return acts
