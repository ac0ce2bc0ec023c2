"""Silences: incidents of which nobody is told for a time. They are found and listed as ever."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from secrets import token_hex
from threading import Lock
from typing import Any, Final

from vedette.errors import BadInput
from vedette.notify.alertmanager import labels
from vedette.records.time import SECOND, rfc3339
from vedette.store.settings import Settings

SILENCES: Final = "silences"
"""Setting that holds them all, by id."""

KEPT: Final = 30 * 86_400 * SECOND
"""How long a silence that is over is listed."""

MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label of an incident, as Alertmanager has it; an absent label is empty."""

    name: str
    value: str
    isRegex: bool = False  # noqa: N815 - Alertmanager's spelling
    isEqual: bool = True  # noqa: N815

    def fits(self, labels: dict[str, str]) -> bool:
        """Say whether labels fulfil it; a regular expression must fit the whole value."""
        value = labels.get(self.name, "")
        same = re.fullmatch(self.value, value) is not None if self.isRegex else value == self.value
        return same == self.isEqual


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody is told of incidents that fulfil every matcher from `start` to `end` (ns, exclusive)."""

    id: str
    matchers: tuple[Matcher, ...]
    start: int
    end: int
    author: str
    comment: str

    def holds(self, incident: dict[str, Any], moment: int) -> bool:
        """Say whether nobody is told of an incident at a time."""
        known = labels(incident)
        return self.start <= moment < self.end and all(one.fits(known) for one in self.matchers)


class Silences:
    """The silences of an installation. Thread-safe; they outlive a restart.

    Parameters
    ----------
    settings
        Where they are kept.
    clock
        Returns the time, ns since the epoch.
    """

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = Lock()
        self._known = {name: _from_row(row) for name, row in settings.get(SILENCES, {}).items()}

    def all(self) -> list[dict[str, Any]]:
        """Return those that are ahead, active, or were over lately, as Alertmanager's API has them, by their end."""
        moment = self._clock()
        with self._lock:
            kept = [one for one in self._known.values() if one.end > moment - KEPT]
        return [document(one, moment) for one in sorted(kept, key=lambda one: (one.end, one.id))]

    def add(self, silence: Silence) -> str:
        """Add a silence, or replace that of its id; without an id it gets one. Returns the id.

        Raises
        ------
        BadInput
            For one that ends before it begins or has ended, matches everything, or has a wrong regular expression.
        """
        moment = self._clock()
        if silence.end <= max(silence.start, moment):
            said = f"got {rfc3339(silence.start)} to {rfc3339(silence.end)}"
            raise BadInput("bad_silence", detail=f"endsAt: {said}, expected an end after the beginning and after now")
        for one in silence.matchers:
            if one.isRegex:
                _check(one)
        if all(one.fits({}) for one in silence.matchers):
            raise BadInput("bad_silence", detail="matchers: got none that needs a label, expected one that does")
        with self._lock:
            name = silence.id or token_hex(8)
            if silence.id and silence.id not in self._known:
                raise BadInput("bad_silence", detail=f"id: got {silence.id!r}, expected one that is listed, or none")
            named = Silence(name, silence.matchers, silence.start, silence.end, silence.author, silence.comment)
            kept = {**self._known, name: named}
            kept = {key: one for key, one in kept.items() if one.end > moment - KEPT}
            if len(kept) > MOST:
                raise BadInput("too_many_silences", detail=f"got {len(kept)}, expected {MOST} at most")
            self._keep(kept)
        return name

    def end(self, identity: str) -> bool:
        """End a silence now; says whether it was there and had not ended."""
        moment = self._clock()
        with self._lock:
            found = self._known.get(identity)
            if found is None or found.end <= moment:
                return False
            over = Silence(found.id, found.matchers, min(found.start, moment), moment, found.author, found.comment)
            self._keep({**self._known, identity: over})
        return True

    def quiet(self, incident: dict[str, Any], moment: int) -> bool:
        """Say whether a silence keeps an incident from being told at a time."""
        with self._lock:
            known = list(self._known.values())
        return any(one.holds(incident, moment) for one in known)

    def _keep(self, silences: dict[str, Silence]) -> None:
        self._settings.set(SILENCES, {name: asdict(one) for name, one in silences.items()})
        self._known = silences


def document(silence: Silence, moment: int) -> dict[str, Any]:
    """Return a silence as Alertmanager's API v2 has it."""
    state = "expired" if silence.end <= moment else "pending" if silence.start > moment else "active"
    return {
        "id": silence.id,
        "status": {"state": state},
        "matchers": [asdict(one) for one in silence.matchers],
        "startsAt": rfc3339(silence.start),
        "endsAt": rfc3339(silence.end),
        "createdBy": silence.author,
        "comment": silence.comment,
    }


def _check(matcher: Matcher) -> None:
    try:
        re.compile(matcher.value)
    except re.error as error:
        detail = f"matcher {matcher.name}: got {matcher.value!r}, expected a regular expression ({error})"
        raise BadInput("bad_silence", detail=detail) from None


def _from_row(row: dict[str, Any]) -> Silence:
    return Silence(**{**row, "matchers": tuple(Matcher(**one) for one in row["matchers"])})
