"""One pass over texts that says which sorts of personal or secret data each of them could hold.

It errs on the side of suspicion: the patterns in `vedette.privacy.find` decide, on the few texts that
are suspected. What they can match must be suspected here; a test holds the two to each other.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import load64

EMAIL: Final = 1
SECRET: Final = 2
ADDRESS: Final = 4
"""Of IPv4."""
IBAN: Final = 8
SSN: Final = 16
PHONE: Final = 32
CARD: Final = 64
COLONS: Final = 128
"""Addresses of IPv6 and of hardware."""

_DIGIT, _JOINT, _KEY, _OTHER = 1, 2, 3, 4
CARD_DIGITS: Final = (13, 19)

WORDS: Final = (
    ("passw", 4), ("pwd", 1), ("passph", 5), ("secret", 2), ("token", 2), ("bearer", 0), ("basic", 0), ("akia", 1),
    ("asia", 1), ("eyj", 2), ("xox", 0), ("uthoriza", 5), ("gh?_", 3), ("apikey", 3), ("api?key", 4),
)  # fmt: skip
"""What comes before or begins a secret, in lower case and with ``?`` for any byte, and the place of its key: a
letter that other words seldom have, at which it is looked for."""


def _classes() -> Any:
    """Return the class of each byte: digit, space or dash, key of a secret's word, other sign of a sort."""
    table = np.zeros(256, np.uint8)
    table[list(b"0123456789")] = _DIGIT
    table[list(b" -")] = _JOINT
    keys = {word[place] for word, place in WORDS}
    table[[ord(letter) for key in keys for letter in (key, key.upper())]] = _KEY
    table[list(b"@%:.+")] = _OTHER
    return table


def _words() -> Any:
    """Return rows of ``(key's lowest five bits, place of the key, bytes, bits that count)``."""
    rows = []
    for word, place in WORDS:
        text = word.encode()
        mask = b"".join(b"\0" if letter == 63 else b"\xff" for letter in text)
        rows.append(
            (
                ord(word[place]) & 31,
                place,
                int.from_bytes(bytes(letter | 0x20 for letter in text), "little"),
                int.from_bytes(mask, "little"),
            )
        )
    return np.array(sorted(rows), np.uint64)


def _first_words() -> Any:
    """Return where the words of each key begin among the sorted rows, shape ``(33,)``."""
    return np.searchsorted(_words()[:, 0], np.arange(33, dtype=np.uint64)).astype(np.int64)


CLASSES: Final = _classes()
_ROWS: Final = _words()
_FIRST: Final = _first_words()
_LOW: Final = np.uint64(0x2020202020202020)


@njit(cache=True, nogil=True)
def is_word(letter: Any) -> bool:
    """Say whether a byte is a letter, a digit or ``_``."""
    lower = letter | 0x20
    return (97 <= lower and lower <= 122) or (48 <= letter and letter <= 57) or letter == 95


@njit(cache=True, nogil=True)
def is_hex(letter: Any) -> bool:
    """Say whether a byte is a hexadecimal digit."""
    lower = letter | 0x20
    return (97 <= lower and lower <= 102) or (48 <= letter and letter <= 57)


@njit(cache=True, nogil=True)
def passes_luhn(data: Any, start: Any, stop: Any) -> Any:
    """Say whether the digits ``data[start:stop]`` pass Luhn's checksum (ISO/IEC 7812-1, annex B)."""
    total = np.int64(0)
    for place in range(stop - start):
        digit = np.int64(data[stop - 1 - place]) - 48
        if place & 1:
            digit *= 2
            if digit > 9:
                digit -= 9
        total += digit
    return total % 10 == 0


@njit(cache=True, nogil=True)
def secret_at(data: Any, p: Any, start: Any) -> bool:
    """Say whether the letter at `p` is the key of a word that goes with secrets."""
    key = data[p] & 31
    for row in range(_FIRST[key], _FIRST[key + 1]):
        begin = p - np.int64(_ROWS[row, 1])
        if begin >= start and ((load64(data, begin) | _LOW) ^ _ROWS[row, 2]) & _ROWS[row, 3] == np.uint64(0):
            return True
    return False


@njit(cache=True, nogil=True)
def address_at(data: Any, p: Any, start: Any, end: Any) -> bool:
    """Say whether the sign at `p` could stand within an IPv4, IPv6 or hardware address."""
    sign = data[p]
    q = p + 1
    if sign == 46:
        while q < end and q <= p + 3 and 48 <= data[q] and data[q] <= 57:
            q += 1
        return (
            p > start
            and 48 <= data[p - 1]
            and data[p - 1] <= 57
            and p + 1 < q
            and q + 1 < end
            and data[q] == 46
            and 48 <= data[q + 1]
            and data[q + 1] <= 57
        )
    while q < end and q <= p + 4 and is_hex(data[q]):
        q += 1
    return q < end and data[q] == sign and (sign == 58 or q == p + 3)


@njit(cache=True, nogil=True)
def suspect(data: Any, ends: Any, out: Any) -> None:
    """Write what each text could hold.

    Parameters
    ----------
    data, ends
        Bytes, with `vedette.kernels.bytes.PAD` to spare, and Arrow's offsets, shape ``(n + 1,)``.
    out
        uint8, shape ``(n,)``: the sum of `EMAIL`, `SECRET` and so on.
    """
    for i in range(out.shape[0]):
        start, end = np.int64(ends[i]), np.int64(ends[i + 1])
        found = 0
        run = 0  # digits right before p
        digits = 0  # digits of the group: runs joined by one space or dash
        joined = False
        p = start - 1
        while p < end:
            p += 1
            while digits == 0 and p < end and CLASSES[data[p]] == 0:
                p += 1
            letter = data[p] if p < end else np.uint8(0)
            sort = CLASSES[letter]
            if sort == _DIGIT:
                if run == 0 and p - start >= 2:
                    if 65 <= data[p - 1] and data[p - 1] <= 90 and 65 <= data[p - 2] and data[p - 2] <= 90:
                        found |= IBAN
                run += 1
                digits += 1
                continue
            if sort == _JOINT and run > 0 and p + 1 < end and CLASSES[data[p + 1]] == _DIGIT:
                if letter == 45:
                    if run >= 3 and p + 3 < end and data[p + 3] == 45:
                        found |= SSN
                    if address_at(data, p, start, end):
                        found |= COLONS
                run = 0
                joined = True
                continue
            if digits >= CARD_DIGITS[0]:
                if joined:
                    found |= CARD
                elif digits <= CARD_DIGITS[1] and not is_word(letter) and passes_luhn(data, p - digits, p):
                    if p - digits == start or not is_word(data[p - digits - 1]):
                        found |= CARD
            run = 0
            digits = 0
            joined = False
            if sort == 0 or p == end:
                continue
            if sort == _KEY:
                if secret_at(data, p, start):
                    found |= SECRET
            elif letter == 64:
                found |= EMAIL
            elif letter == 37:
                if data[p + 1] == 52 and data[p + 2] == 48:
                    found |= EMAIL
            elif letter == 43:
                if CLASSES[data[p + 1]] == _DIGIT:
                    found |= PHONE
            elif letter == 45:
                if data[p + 1] == 45 and data[p + 2] == 45 and data[p + 3] == 45:
                    found |= SECRET
                elif address_at(data, p, start, end):
                    found |= COLONS
            elif letter != 32 and address_at(data, p, start, end):
                found |= COLONS if letter == 58 else ADDRESS
        out[i] = found


def warm() -> None:
    """Compile the kernel."""
    suspect(np.zeros(32, np.uint8), np.zeros(2, np.int32), np.zeros(1, np.uint8))
