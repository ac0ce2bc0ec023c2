r"""Finds what is personal or secret in text, and replaces it by typed marks.

A kernel says in one pass which sorts each text could hold (`vedette.kernels.suspects`); most log
lines none. On the others patterns run as linear-time regular expressions by column (Arrow, RE2).

Notes
-----
It fails on names of people and on free text without pattern: those are denied to models by the
field policy and by template mining, not found here. Card numbers are confirmed by Luhn's checksum.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.kernels import suspects
from vedette.records.texts import padded


@dataclass(frozen=True, slots=True)
class Pattern:
    """A mark and the expression of what it replaces."""

    mark: str
    expression: str


_LONG_DIGITS: Final = r"\b\d(?:[ -]?\d){12,18}\b"

PATTERNS: Final[tuple[tuple[int, tuple[Pattern, ...]], ...]] = (
    (
        suspects.EMAIL,
        (Pattern("<email>", r"[A-Za-z0-9._+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),),
    ),
    (
        suspects.SECRET,
        (
            Pattern("<jwt>", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
            Pattern("<token>", r"(?i)\b(?:bearer|basic)[ +][A-Za-z0-9._~+/=-]{8,}"),
            Pattern(
                "<key>", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
            ),
            Pattern("<key>", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END[A-Z -]*-----)?"),
            Pattern(
                "<secret>",
                r"""(?i)\b(?:[a-z0-9]*[_-])?(?:password|passwd|passwort|passphrase|pwd|secret|token|api[_-]?key|authorization)"""
                r"""["']?\s*(?:[:=]|\bis\b)\s*(?:"[^"]*"|'[^']*'|[^\s,;&"']+)""",
            ),
        ),
    ),
    (
        suspects.ADDRESS,
        (Pattern("<ip>", r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"),),
    ),
    (
        suspects.COLONS,
        (
            Pattern("<mac>", r"\b(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}\b"),
            Pattern("<ip>", r"\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\b"),
            Pattern("<ip>", r"(?:\b(?:[0-9a-fA-F]{1,4}:){1,6}|:):(?:[0-9a-fA-F]{1,4}:){0,5}[0-9a-fA-F]{1,4}\b"),
        ),
    ),
    (suspects.IBAN, (Pattern("<iban>", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),)),
    (suspects.SSN, (Pattern("<ssn>", r"\b\d{3}-\d{2}-\d{4}\b"),)),
    (suspects.PHONE, (Pattern("<phone>", r"\+\d{1,3}(?:[ ().-]{0,2}\d){6,12}\b"),)),
)
"""What a text must be suspected of, and the patterns that are then tried, in order; cards come last."""


def mask(texts: pa.Array) -> pa.Array:
    """Return a text column with what is personal or secret replaced; nulls stay null.

    Cost: about 0.1 µs for a text that is not suspected; patterns run only on the others.
    """
    suspicion = suspected(texts)
    if not suspicion.any():
        return texts
    return _with(texts, suspicion > 0, _masked(texts.take(pa.array(np.flatnonzero(suspicion)))))


def suspected(texts: pa.Array) -> NDArray[np.uint8]:
    """Return what each text could hold, as `vedette.kernels.suspects` numbers it."""
    suspicion = np.empty(len(texts), np.uint8)
    suspects.suspect(*padded(texts), suspicion)
    return suspicion


def _masked(texts: pa.Array) -> pa.Array:
    """Apply what is suspected, one sort after the other: a mark in place of one thing can lay bare the next."""
    suspicion = suspected(texts)
    for sort, patterns in PATTERNS:
        if (suspicion & sort).any():
            texts = _where(texts, suspicion & sort > 0, partial(_replaced, patterns))
            suspicion = suspected(texts)
    return _where(texts, suspicion & suspects.CARD > 0, _without_cards)


def _replaced(patterns: tuple[Pattern, ...], texts: pa.Array) -> pa.Array:
    for pattern in patterns:
        texts = pc.replace_substring_regex(texts, pattern.expression, pattern.mark)
    return texts


def _where(texts: pa.Array, hit: NDArray[np.bool_], change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return the texts with `change` made to those that are hit."""
    if not hit.any():
        return texts
    return change(texts) if hit.all() else _with(texts, hit, change(texts.filter(pa.array(hit))))


def _with(texts: pa.Array, hit: NDArray[np.bool_], changed: pa.Array) -> pa.Array:
    return pc.replace_with_mask(texts, pa.array(hit), changed)


def _without_cards(texts: pa.Array) -> pa.Array:
    """Replace digit groups that pass Luhn's checksum: few rows, so one by one."""
    return pa.array([_CARD.sub(_card, text) for text in texts.to_pylist()], pa.string())


def _card(match: re.Match[str]) -> str:
    digits = [int(letter) for letter in match[0] if letter.isdigit()]
    return "<card>" if luhn(digits) else match[0]


def luhn(digits: list[int]) -> bool:
    """Say whether the digits pass Luhn's checksum (ISO/IEC 7812-1, annex B).

    >>> luhn([4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]), luhn([1, 2, 3, 4])
    (True, False)
    """
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


_CARD: Final = re.compile(_LONG_DIGITS, re.ASCII)
