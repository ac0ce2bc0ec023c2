"""What the values of each parameter are made of, in loops over bytes; the meaning is in `vedette.detectors.payload`."""

from __future__ import annotations

from math import log2, log10
from typing import Any, Final

import numpy as np
from numba import njit

MARKS: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
LOWER, UPPER, DIGIT, SPACE, CONTROL, OTHER = range(6)
CLASSES: Final = 6 + len(MARKS)
"""Letters of either case, digits, space, control, beyond ASCII, and every mark by itself."""

GROUPS: Final = 12
"""Letters, digits, space, control, beyond ASCII, quotes, angles, brackets, separators, operators, slashes, mild."""

SEEN, LONGEST, CODE = 0, 1, 2
HAS: Final = 3
STEPS: Final = HAS + CLASSES
NUMBERS: Final = STEPS + GROUPS * GROUPS
"""Numbers of a parameter, float32: weight of values seen, longest (log2), weight of those that read like code;
per class the weight of values that have it; per pair of groups the weight of values that have it as neighbours."""

CLASS, STEP, LENGTH, STRANGE, USUAL = range(5)
OUT: Final = 5
"""Of a value: decades by classes, by neighbours, by length; its strangest class, -1 for none; the longest before."""

PRIOR_WEIGHT: Final = 4.0
STEP_WEIGHT: Final = 2.0
BAR: Final = 2.0
MOST: Final = 4.0
CODE_LEAST: Final = 20.0
CODE_SHARE: Final = 0.05
"""Trusted values that read like code, and their share, from which code is usual here: a few may be mistakes."""


def _table() -> tuple[Any, Any]:
    classes, groups = np.empty(256, np.int64), np.empty(256, np.int64)
    for code in range(256):
        letter = chr(code)
        if code >= 128:
            classes[code], groups[code] = OTHER, 4
        elif letter in MARKS:
            classes[code] = 6 + MARKS.index(letter)
            sorts = ("'\"`", "<>", "()[]{}", ";&|", "=+*!^~%#$?", "/\\", ".,-_:@")
            groups[code] = 5 + next(place for place, marks in enumerate(sorts) if letter in marks)
        elif letter.isalpha():
            classes[code], groups[code] = (LOWER if letter.islower() else UPPER), 0
        else:
            classes[code], groups[code] = (
                (DIGIT, 1) if letter.isdigit() else (SPACE, 2) if letter == " " else (CONTROL, 3)
            )
    return classes, groups


CLASS_OF, GROUP_OF = _table()

_SHARES: Final = {
    "'": 0.01, '"': 0.003, "<": 5e-4, ">": 5e-4, "`": 3e-4, "|": 5e-4, "\\": 5e-4, "{": 5e-4, "}": 5e-4, "[": 1e-3,
    "]": 1e-3, "^": 3e-4, "~": 1e-3, ";": 3e-3, "=": 3e-3, "$": 3e-3, "#": 3e-3, "%": 3e-3, "(": 5e-3, ")": 5e-3,
    "&": 0.01, "*": 3e-3, "!": 0.01, "?": 0.02, "+": 0.01, "/": 0.05, ":": 0.05, "@": 0.05, "_": 0.1, "-": 0.15,
    ",": 0.05, ".": 0.1,
}  # fmt: skip
SHARE: Final = np.array([0.9, 0.4, 0.5, 0.4, 0.002, 0.05, *(_SHARES[mark] for mark in MARKS)])
"""Share of values that have each class before anything is known of a parameter: round numbers for names, addresses,
search terms and tokens, set by hand."""


@njit(cache=True, nogil=True)
def _marks(data: Any, start: int, end: int, has: Any, steps: Any) -> None:
    has[:] = False
    steps[:] = False
    before = -1
    for p in range(start, end):
        has[CLASS_OF[data[p]]] = True
        group = GROUP_OF[data[p]]
        if before >= 0:
            steps[before * GROUPS + group] = True
        before = group


@njit(cache=True, nogil=True)
def _score(profile: Any, length: int, has: Any, steps: Any, out: Any) -> None:
    seen = np.float64(profile[SEEN])
    most, rest, strange = 0.0, 0.0, -1
    for k in range(CLASSES):
        if has[k]:
            chance = (np.float64(profile[HAS + k]) + SHARE[k] * PRIOR_WEIGHT) / (seen + PRIOR_WEIGHT)
            decades = min(max(-log10(chance) - BAR, 0.0), MOST)
            rest += decades
            if decades > most:
                most, strange = decades, k
    out[CLASS] = most + 0.5 * (rest - most)
    out[STRANGE] = strange
    most, rest = 0.0, 0.0
    for k in range(GROUPS * GROUPS):
        if steps[k]:
            chance = (np.float64(profile[STEPS + k]) + STEP_WEIGHT / GROUPS) / (seen + STEP_WEIGHT)
            decades = min(max(-log10(chance) - BAR, 0.0), MOST)
            rest += decades
            most = max(most, decades)
    out[STEP] = most + 0.25 * (rest - most)
    longest = np.float64(profile[LONGEST])
    out[USUAL] = longest
    out[LENGTH] = min(max(2.0 * (log2(length + 1.0) - max(longest, 4.0)), 0.0), MOST)


@njit(cache=True, nogil=True)
def _learn(profile: Any, length: int, has: Any, steps: Any, weight: float, code: bool, memory: float) -> None:
    if profile[SEEN] >= memory:
        longest = profile[LONGEST]
        profile[:] *= np.float32(0.5)
        profile[LONGEST] = longest
    profile[SEEN] += np.float32(weight)
    if code:
        profile[CODE] += np.float32(weight)
    if weight >= 1.0:
        profile[LONGEST] = max(profile[LONGEST], np.float32(log2(length + 1.0)))
    for k in range(CLASSES):
        if has[k]:
            profile[HAS + k] += np.float32(weight)
    for k in range(GROUPS * GROUPS):
        if steps[k]:
            profile[STEPS + k] += np.float32(weight)


@njit(cache=True, nogil=True)
def score(data: Any, ends: Any, slots: Any, profiles: Any, out: Any) -> None:
    """Write what is strange about each value to ``out``, shape ``(n, OUT)``; nothing is learned.

    ``slots`` may hold -1, a parameter without a profile: nothing is strange there.
    """
    has, steps = np.empty(CLASSES, np.bool_), np.empty(GROUPS * GROUPS, np.bool_)
    for i in range(slots.shape[0]):
        out[i] = 0.0
        out[i, STRANGE] = -1.0
        if slots[i] >= 0:
            _marks(data, ends[i], ends[i + 1], has, steps)
            _score(profiles[slots[i]], ends[i + 1] - ends[i], has, steps, out[i])


@njit(cache=True, nogil=True)
def learn(data: Any, ends: Any, slots: Any, profiles: Any, weight: Any, code: Any, memory: float) -> None:
    """Take each value into its profile by its weight; ``code`` says which read like code."""
    has, steps = np.empty(CLASSES, np.bool_), np.empty(GROUPS * GROUPS, np.bool_)
    for i in range(slots.shape[0]):
        if slots[i] >= 0:
            _marks(data, ends[i], ends[i + 1], has, steps)
            _learn(profiles[slots[i]], ends[i + 1] - ends[i], has, steps, weight[i], code[i], memory)


@njit(cache=True, nogil=True)
def verdict(profile: Any, out: Any, code: float, settled: float) -> float:
    """Return the decades of a value: the profile's by how settled it is, and the code's unless code is usual here."""
    first, second, third = out[CLASS], out[STEP], out[LENGTH]
    most = max(first, second, third)
    strange = most + 0.5 * (first + second + third - most)
    seen = np.float64(profile[SEEN])
    share = np.float64(profile[CODE]) / max(seen, 1.0)
    if profile[CODE] >= CODE_LEAST and share > CODE_SHARE:
        code *= min(-log10(min(share, 1.0)) / 4.0, 1.0)
    return code + 0.5 * strange * seen / (seen + settled)


@njit(cache=True, nogil=True)
def walk(
    data: Any,
    ends: Any,
    slots: Any,
    rows: Any,
    code: Any,
    trusted: Any,
    profiles: Any,
    settings: Any,
    out: Any,
    told: Any,
) -> None:
    """Score, then learn, the values of one row after another; the values of a row are judged before any is learned.

    ``rows`` numbers the row of each value, in order. ``settings`` are the weight that settles a profile, decades from
    which a value teaches little, the weight of such a one, and the memory. ``told`` gets the decades, shape ``(n,)``.
    """
    has, steps = np.empty(CLASSES, np.bool_), np.empty(GROUPS * GROUPS, np.bool_)
    settled, outlier, little, memory = settings[0], settings[1], settings[2], settings[3]
    first = 0
    while first < rows.shape[0]:
        last = first
        while last < rows.shape[0] and rows[last] == rows[first]:
            last += 1
        for i in range(first, last):
            out[i] = 0.0
            out[i, STRANGE] = -1.0
            told[i] = code[i]
            if slots[i] >= 0:
                _marks(data, ends[i], ends[i + 1], has, steps)
                _score(profiles[slots[i]], ends[i + 1] - ends[i], has, steps, out[i])
                told[i] = verdict(profiles[slots[i]], out[i], code[i], settled)
        for i in range(first, last):
            if slots[i] >= 0:
                _marks(data, ends[i], ends[i + 1], has, steps)
                weight = 1.0 if trusted[i] or told[i] < outlier else little
                reads = trusted[i] and code[i] >= outlier
                _learn(profiles[slots[i]], ends[i + 1] - ends[i], has, steps, weight, reads, memory)
        first = last
