"""Tests of rules as files: events that must make a rule fire, and events that must not.

A file ``NAME.test.yml`` beside ``NAME.yml`` has a document for each rule::

    rule: web_login_brute_force_address
    must_fire:
      - - {'@repeat': 11, '@every': 4, url.path: /login, http.response.status_code: 401, client.address: 192.0.2.1}
    must_not_fire:
      - - {'@repeat': 10, '@every': 4, url.path: /login, http.response.status_code: 401, client.address: 192.0.2.1}

Each entry is a stream of events of its own. ``@timestamp`` is seconds from its beginning, one after the event before
where it is missing; ``@repeat`` copies of an event are ``@every`` seconds apart, and ``{n}`` in its texts is the
copy's number, from 1. `vedette.testing.detections` runs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from vedette.errors import BadInput

FIRE: Final = "must_fire"
QUIET: Final = "must_not_fire"
MOST: Final = 100_000
"""Events of one stream, copies included: a typing error must not fill the memory."""

_TIME, _REPEAT, _EVERY = "@timestamp", "@repeat", "@every"


@dataclass(frozen=True, slots=True)
class Case:
    """One stream of events, and whether the rule must fire on it.

    Parameters
    ----------
    file
        As given by the one who asked.
    rule
        Name or id.
    fires
        Whether it must.
    number
        From 1, in the list that it stands in.
    events
        Without what begins with ``@``.
    times
        Seconds from the beginning, one an event.
    """

    file: str
    rule: str
    fires: bool
    number: int
    events: tuple[Mapping[str, Any], ...]
    times: tuple[float, ...]

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return f"{self.rule} {FIRE if self.fires else QUIET} {self.number}"


def read_cases(path: Path, name: str) -> list[Case]:
    """Return the cases of a file, called `name`.

    Raises
    ------
    BadInput
        Naming the file and what is not as described here.
    """
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput("unreadable_test", detail=f"{name}: {' '.join(str(error).split())}") from None
    return [case for document in documents for case in _cases(document, name)]


def _cases(document: Any, file: str) -> Iterator[Case]:
    known = {"rule", FIRE, QUIET}
    if not isinstance(document, dict) or not isinstance(document.get("rule"), str) or not set(document) <= known:
        got = ", ".join(map(str, document)) if isinstance(document, dict) else type(document).__name__
        raise _bad(file, f"got {got}, expected rule (a name), {FIRE} and {QUIET}")
    if not document.get(FIRE):
        raise _bad(file, f"{document['rule']}: got no {FIRE}, expected at least one stream that makes it fire")
    for key in (FIRE, QUIET):
        for number, stream in enumerate(_listed(document.get(key, []), file, key), 1):
            where = f"{document['rule']} {key} {number}"
            events, times = _stream(_listed(stream, file, where), file, where)
            yield Case(file, document["rule"], key == FIRE, number, events, times)


def _stream(written: Sequence[Any], file: str, where: str) -> tuple[tuple[Mapping[str, Any], ...], tuple[float, ...]]:
    events: list[tuple[float, Mapping[str, Any]]] = []
    last = -1.0
    for one in written:
        if not isinstance(one, dict) or not all(isinstance(key, str) for key in one):
            raise _bad(file, f"{where}: got {one!r}, expected an event: names and values")
        start, copies, every = _plan(one, last + 1.0, file, where)
        if len(events) + copies > MOST:
            raise _bad(file, f"{where}: got more than {MOST} events")
        plain = {key: value for key, value in one.items() if not key.startswith("@")}
        events += [(start + copy * every, _filled(plain, copy + 1)) for copy in range(copies)]
        last = start + (copies - 1) * every
    ordered = sorted(events, key=lambda event: event[0])
    return tuple(event for _, event in ordered), tuple(time for time, _ in ordered)


def _plan(event: Mapping[str, Any], following: float, file: str, where: str) -> tuple[float, int, float]:
    unknown = [key for key in event if key.startswith("@") and key not in (_TIME, _REPEAT, _EVERY)]
    if unknown:
        raise _bad(file, f"{where}: got {unknown[0]}, expected {_TIME}, {_REPEAT} or {_EVERY}")
    start, copies, every = event.get(_TIME, following), event.get(_REPEAT, 1), event.get(_EVERY, 1.0)
    if not isinstance(copies, int) or copies < 1:
        raise _bad(file, f"{where}: got {_REPEAT} {copies!r}, expected a whole number from 1")
    for key, value in ((_TIME, start), (_EVERY, every)):
        if not isinstance(value, int | float) or value < 0:
            raise _bad(file, f"{where}: got {key} {value!r}, expected seconds from 0")
    return float(start), copies, float(every)


def _filled(value: Any, number: int) -> Any:
    """Return a value with the copy's number in its texts."""
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {key: _filled(inner, number) for key, inner in value.items()}
    return [_filled(inner, number) for inner in value] if isinstance(value, list) else value


def _listed(value: Any, file: str, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _bad(file, f"{where}: got {value!r}, expected a list")
    return value


def _bad(file: str, detail: str) -> BadInput:
    return BadInput("bad_test", detail=f"{file}: {detail}")
