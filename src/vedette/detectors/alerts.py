"""Alerts of other tools as they come: which are new or rare on their host, and when several of them are an outcry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.triage import DAY, NEED, QUIET, SPAN, Triage, Triaged
from vedette.errors import StateCorrupt
from vedette.records.alert import Alert, Oddity, Outcry
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.tree import Tree

VERSION: Final = 1

MOST: Final = 1 << 16
"""Names on hosts remembered, some 300 bytes each; beyond it, the half that was seen longest ago is forgotten."""
MOST_ODD: Final = 256
"""Odd alerts of the last half an hour that are kept to be told; of more, the latest."""

FACTORS: Final = (1.0, 1.0, 2.5, 5.0)
"""What urgency multiplies evidence by. One odd alert can call by itself if it is high or critical, unless its sort is
common here: what tools call low or medium comes with every update."""

Key = TypeVar("Key", bound=tuple[str, ...])
Name = tuple[str, str]
"""Environment, and name or host."""
Pair = tuple[str, str, str]
"""Environment, name, and host; the service stands for a host where there is none."""


class AlertWatch:
    """Numbers the alerts of a shard for `Triage`, and tells of what it finds in words' reach.

    The site is an environment: what staging has says nothing of production. A source is a service in it, and is
    learned for as long as `Triage` says, so that a new tool is no outcry.

    Parameters
    ----------
    bearable
        False outcries a day that are bearable.
    ready_after
        Seconds from a source's first alert until its alerts are told.
    """

    name = "triage"

    def __init__(self, bearable: float, ready_after: float = DAY) -> None:
        self._triage = Triage(bearable, ready_after)
        self._names: dict[Name, int] = {}
        self._hosts: dict[Name, int] = {}
        self._pairs: dict[Pair, int] = {}
        self._since: dict[Segment, float] = {}
        self._odd: list[tuple[float, Oddity]] = []
        """Odd alerts that were not told yet."""
        self._place: tuple[float, Segment] | None = None
        """When something was told last, and where."""
        self.forgotten = 0
        """Names on hosts forgotten because there were too many."""

    def take(self, alerts: Sequence[Alert]) -> list[Outcry]:
        """Judge the alerts of a window, which are in order of time, and learn from them."""
        if not alerts:
            return []
        if len(self._pairs) + len(alerts) > MOST:
            self._forget()
        times = np.array([one.time / SECOND for one in alerts])
        names = _numbers(self._names, [(one.segment.environment, one.name) for one in alerts])
        hosts = _numbers(self._hosts, [(one.segment.environment, _host(one)) for one in alerts])
        pairs = _numbers(self._pairs, [(one.segment.environment, one.name, _host(one)) for one in alerts])
        since = [self._since.setdefault(one.segment, time) for one, time in zip(alerts, times.tolist(), strict=True)]
        factors = np.array([FACTORS[one.urgency] for one in alerts])
        said = self._triage.judge(times, names, hosts, pairs, np.array(since), factors)
        return list(self._outcries(alerts, times.tolist(), said))

    def _outcries(self, alerts: Sequence[Alert], times: list[float], said: Triaged) -> Iterator[Outcry]:
        """Yield what is told; what is odd and is not told waits for half an hour."""
        for row in np.flatnonzero((said.weight > 0.0) | said.told).tolist():
            alert, time = alerts[row], times[row]
            age = int((time - self._since[alert.segment]) // DAY) + 1
            odd = Oddity(alert, float(said.weight[row]), int(said.days[row]), age, int(said.visits[row]))
            self._odd = [one for one in self._odd if one[0] > time - SPAN][-MOST_ODD:]
            self._odd.append((time, odd))
            if said.told[row]:
                parts = tuple(one for _, one in self._odd)
                last = self._place if self._place and time - self._place[0] <= QUIET else (time, parts[0].alert.segment)
                self._place, self._odd = (time, last[1]), []
                yield Outcry(last[1], float(said.evidence[row]), NEED, parts)

    def _forget(self) -> None:
        """Keep the half of the names on hosts that were seen last, and the names that they have."""
        seen = self._triage.seen()
        every = list(self._pairs)
        kept = np.sort(np.argsort(-seen[: len(every)], kind="stable")[: MOST // 2])
        pairs = [every[place] for place in kept.tolist()]
        names = list(dict.fromkeys((environment, name) for environment, name, _ in pairs))
        hosts = list(dict.fromkeys((environment, host) for environment, _, host in pairs))
        self._triage.keep(_numbers(self._names, names), _numbers(self._hosts, hosts), kept)
        self.forgotten += len(every) - len(pairs)
        self._names = {one: place for place, one in enumerate(names)}
        self._hosts = {one: place for place, one in enumerate(hosts)}
        self._pairs = {one: place for place, one in enumerate(pairs)}

    def snapshot(self) -> Tree:
        """Return the whole state."""
        place = self._place
        return {
            "version": VERSION,
            "triage": self._triage.snapshot(),
            "names": [list(one) for one in self._names],
            "hosts": [list(one) for one in self._hosts],
            "pairs": [list(one) for one in self._pairs],
            "since": [[*one.order, first] for one, first in self._since.items()],
            "odd": [[time, one.alert.row(), {**asdict(one), "alert": None}] for time, one in self._odd],
            "place": None if place is None else [place[0], *place[1].order],
            "forgotten": self.forgotten,
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; nothing is state, too, as of before there was a watch."""
        if not tree:
            return
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"alerts' state has version {tree.get('version')!r}, expected {VERSION}")
        self._triage.restore(tree["triage"])
        self._names = {(environment, name): place for place, (environment, name) in enumerate(tree["names"])}
        self._hosts = {(environment, host): place for place, (environment, host) in enumerate(tree["hosts"])}
        self._pairs = {(env, name, host): place for place, (env, name, host) in enumerate(tree["pairs"])}
        self._since = {Segment(*parts): first for *parts, first in tree["since"]}
        self._odd = [(time, Oddity(**{**rest, "alert": Alert.of(row)})) for time, row, rest in tree["odd"]]
        place = tree["place"]
        self._place = None if place is None else (place[0], Segment(*place[1:]))
        self.forgotten = int(tree["forgotten"])


def _numbers(known: dict[Key, int], keys: list[Key]) -> NDArray[np.int64]:
    """Return the number of each key, new ones in order of first occurrence."""
    return np.array([known.setdefault(key, len(known)) for key in keys], np.int64)


def _host(alert: Alert) -> str:
    return alert.host or f"service {alert.segment.service}"
