"""`sequence`, live: the sessions of every service that ended with a window, as items that may be new or rare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import lgamma, log
from typing import Final

import numpy as np

from vedette.detectors.sequence import Sequences, Shape, Verdict, shape_of
from vedette.detectors.strange import remark_on
from vedette.errors import StateCorrupt
from vedette.records.observation import Occurrences
from vedette.records.score import Scores, State
from vedette.records.session import Remark, Session
from vedette.records.texts import stable_hash
from vedette.records.window import Window
from vedette.state.tree import Tree

VERSION: Final = 1

USUAL: Final = 1
"""Item of all sessions in which nothing is new."""

MOST_HELD: Final = 100_000
"""Count vectors and pairs of lines held of all services, about 20 MB."""

MOST_OF_ONE: Final = 4000
"""Count vectors, and pairs, of one service: where there are more, all sessions are different anyway."""

MOST_SURPRISE: Final = 300.0
"""Decades beyond which nothing is told apart."""

TAUGHT_SHARE: Final = 1 / 5000
"""Sessions of one strange sort that a window teaches, as a share of all known, one at least: a wave of faults must not
become usual at once. Of a sort in all windows, `vedette.detectors.sequence.RARE_SHARE` is reached after 150 of them."""


class SessionWatch:
    """What sessions of every service are made of, and what was new about those that ended.

    Notes
    -----
    Each service has a `Sequences` of its own. What that finds strange becomes an item (“lacks X”), beside one for
    all usual sessions, in the scope of which `vedette.detectors.novelty` says whether enough was seen. How surprising
    an item is, is the chance of as many such sessions among those of the window, if each is one with the chance that
    `Sequences` learned (Poisson). That sessions of a window fail for one cause is not allowed for here: calibration
    on the service's own past does so. All sessions of a window are judged by what was learned before it. What keeps
    coming is usual after one to three hours, of minutes.

    It fails where `Sequences` fails, and says nothing of services that came after `MOST_HELD` was reached.

    Cost: 5 µs a different order of lines in a window; 20 MB at most.
    """

    name = "sequence"

    def __init__(self) -> None:
        self._models: dict[int, Sequences] = {}
        self._held = 0
        self.refused = 0
        """Sessions judged but not learned, for lack of room."""

    def take(self, window: Window) -> Window:
        """Return the window with its sessions among what occurred, then learn them."""
        if not window.ended.sessions:
            return window
        judged = [self._judged(session) for session in window.ended.sessions]
        counts: dict[tuple[int, int], int] = {}
        remarks: dict[int, Remark] = {}
        for session, shape, verdict in judged:
            code = USUAL
            if verdict.alert:
                remark = remark_on(self._models[session.slot], session.steps, shape, verdict, window.ended.text)
                code = stable_hash(remark.item)
                remarks.setdefault(code, remark)
            counts[session.slot, code] = counts.get((session.slot, code), 0) + session.times
        for session, shape, verdict in judged:
            self._learn(session, shape, verdict)
        return replace(window, occurrences=_with(window.occurrences, counts), remarks=remarks)

    def weigh(self, window: Window, scores: Scores) -> Scores:
        """Return the verdicts on a window's occurrences with those on its strange sessions."""
        if not window.remarks:
            return scores
        rows = [row for row, code in enumerate(window.occurrences.item.tolist()) if code in window.remarks]
        surprise, expected = scores.surprise.copy(), scores.expected.copy()
        slot, count = window.occurrences.slot, window.occurrences.count
        for row in rows:
            chance = window.remarks[int(window.occurrences.item[row])].chance
            total = int(count[slot == slot[row]].sum())
            if scores.state[row] == State.READY:
                surprise[row], expected[row] = poisson_surprise(int(count[row]), total * chance), chance
        return replace(scores, surprise=surprise, expected=expected)

    def _judged(self, session: Session) -> tuple[Session, Shape, Verdict]:
        model = self._models.setdefault(session.slot, _empty())
        shape = shape_of(session.steps)
        return session, shape, model.score(shape, session.steps)

    def _learn(self, session: Session, shape: Shape, verdict: Verdict) -> None:
        model = self._models[session.slot]
        room = self._held < MOST_HELD
        if not room and not model.knows(shape):
            self.refused += session.times
            return
        before, refused = model.size, model.refused
        most = max(1, int(TAUGHT_SHARE * model.sessions))
        times = min(session.times, most) if verdict.alert else session.times
        model.learn(shape, session.steps if room else (), times)
        self._held += model.size - before
        self.refused += model.refused - refused

    def snapshot(self) -> Tree:
        """Return the whole state; later learning does not change it."""
        models = {str(slot): model.snapshot() for slot, model in self._models.items()}
        return {"version": VERSION, "refused": self.refused, "models": models}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; empty with an empty tree, of a release without it.

        Raises `StateCorrupt` on another version.
        """
        self.__init__()  # type: ignore[misc]
        if not tree:
            return
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"state of sessions: got version {tree.get('version')!r}, expected {VERSION}")
        self.refused = int(tree["refused"])
        for slot, held in tree["models"].items():
            self._models[int(slot)] = model = _empty()
            model.restore(held)
        self._held = sum(model.size for model in self._models.values())

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes, estimated."""
        return sum(model.nbytes for model in self._models.values())


def poisson_surprise(count: int, mean: float) -> float:
    """Return ``-log10`` of the chance of at least `count` where `mean` are expected; 0 for no more than expected.

    >>> round(poisson_surprise(1, 0.001), 2), round(poisson_surprise(4, 0.004), 2), poisson_surprise(2, 50.0)
    (3.0, 10.97, 0.0)
    """
    if count <= mean:
        return 0.0
    rest, term, more = 0.0, 1.0, count
    while term > 1e-9:
        rest += term
        more += 1
        term *= mean / more
    return min((mean - count * log(mean) + lgamma(count + 1) - log(rest)) / log(10.0), MOST_SURPRISE)


def _empty() -> Sequences:
    return Sequences(False, MOST_OF_ONE, MOST_OF_ONE)


def _with(occurrences: Occurrences, counts: Mapping[tuple[int, int], int]) -> Occurrences:
    """Return occurrences with `counts` by scope and item."""
    rows = sorted(counts.items())
    slot = np.array([slot for (slot, _), _ in rows], np.int32)
    item = np.array([code for (_, code), _ in rows], np.uint64)
    return Occurrences(
        occurrences.start,
        occurrences.width,
        np.concatenate([occurrences.slot, slot]),
        np.concatenate([occurrences.item, item]),
        np.concatenate([occurrences.count, np.array([count for _, count in rows], np.int64)]),
    )
