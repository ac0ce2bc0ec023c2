"""How much a value reads like code for some interpreter, and which: a prior that needs no history.

What a value of an unknown parameter may look like is known in general: words, numbers, addresses, tokens. What
carries the grammar of another language (a quote closed and an operator after it, a tag, a climbing path, a command
after a separator) was written for that language. The tables say how rarely benign values have each construct, in
decades; they were set by hand, on the grammars, and checked on public payloads and benign near misses.

It fails on attacks that are words only (``id``), on logic abuse made of usual values, on encodings that are not
undone, and it is wrong where code is what users send: a snippet host needs its profile (see
`vedette.detectors.payload`) or an exclusion.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from vedette.features import speech_shell, speech_sql, speech_web
from vedette.features.unwrap import is_overlong, readings

EXPLOIT: Final = "T1190"
SCRIPT: Final = "T1059.007"
SHELL: Final = "T1059.004"
DISCOVERY: Final = "T1083"

WORDS: Final = "shell commands"
"""The only language whose words are also names."""

_TABLES: Final = (
    ("a database query", EXPLOIT, speech_sql.ROWS),
    ("a directory or document query", EXPLOIT, speech_sql.DIRECTORY),
    ("markup or script", SCRIPT, speech_web.ROWS),
    ("a lookup expression", EXPLOIT, speech_web.TEMPLATE),
    ("code objects", EXPLOIT, speech_web.OBJECTS),
    (WORDS, SHELL, speech_shell.ROWS),
    ("PHP code", EXPLOIT, speech_shell.PHP),
    ("paths or another protocol", DISCOVERY, speech_shell.FILES),
)
"""What it reads like, technique, rows."""

OVERLONG: Final = "characters in too many bytes"

LANGUAGES: Final = {**{what: technique for what, technique, _ in _TABLES}, OVERLONG: DISCOVERY}
"""Technique of each thing that a value may read like."""

_COMPILED: Final = tuple(
    (what, technique, tuple((weight, re.compile(pattern, re.DOTALL)) for weight, pattern in rows))
    for what, technique, rows in _TABLES
)

MOST: Final = 8.0
"""Decades that one value can add up to."""

FURTHER: Final = 0.25
"""Share in which a further construct counts beside the strongest: they are not independent."""

LAYER: Final = 1.0
"""Decades for each encoding beyond the one of the transport, where there is something inside."""

RUN: Final = 8
"""Blanks, or equal marks, in a row that are read; the twentieth adds no meaning, and cost would grow by its square."""

_RUN = re.compile(r"\s{9,}|([^\w\s])\1{8,}")

REMEMBERED: Final = 1 << 14


class Reading(NamedTuple):
    """What a value reads like."""

    decades: float
    what: str
    technique: str | None


SILENT: Final = Reading(0.0, "", None)


@lru_cache(REMEMBERED)
def judge(value: str) -> Reading:
    """Return how much a value reads like code, in decades of rarity among benign values.

    Cost: 20 µs for plain words, some 300 µs for a value full of marks; remembered for the last 16,384 values.

    >>> judge("O'Brien & sons (Dublin)").decades < 2
    True
    >>> judge("1' or '1'='1").what
    'a database query'
    """
    if not value:
        return SILENT
    best = SILENT
    for text, layers in readings(value):
        told = _told(_RUN.sub(_shorter, text))
        if told.decades > 0.0 and layers:
            told = told._replace(decades=told.decades + LAYER * (layers - 1))
        best = max(best, told, key=lambda one: one.decades)
    if best.decades < MOST and is_overlong(value.lower()):
        best = Reading(max(best.decades + 2.0, 5.0), best.what or OVERLONG, best.technique or DISCOVERY)
    return best._replace(decades=min(best.decades, MOST))


def _shorter(match: re.Match[str]) -> str:
    """Return a run cut to what patterns need of it, so that their time stays linear."""
    return match[0][:RUN]


def _told(text: str) -> Reading:
    found = [_family(text, *family) for family in _COMPILED]
    best = max(found, key=lambda one: one.decades)
    rest = sum(one.decades for one in found) - best.decades
    return best._replace(decades=best.decades + FURTHER * rest)


def _family(text: str, what: str, technique: str, rows: tuple[tuple[float, re.Pattern[str]], ...]) -> Reading:
    """Return the strongest construct of one language, with a share of the further ones."""
    weights = [weight for weight, pattern in rows if pattern.search(text)]
    if not weights:
        return SILENT
    most = max(weights)
    return Reading(most + FURTHER * (sum(weights) - most), what, technique)
