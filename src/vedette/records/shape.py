"""The structure of a request's parameters in words: ``path:type:class:length``, never a value.

Shared by the decoders (queries of access logs) and the middleware (bodies), so that both speak of
the same thing in the same way.
"""

from __future__ import annotations

import re
from typing import Final

MAX_NAME: Final = 40
"""Characters of a name beyond which it is taken for a value."""

_PLAIN = re.compile(r"[A-Za-z_$@][\w.$@-]*(\[\])?(\.[A-Za-z_$@][\w$@-]*(\[\])?)*")
_HEX = re.compile(r"(?=.*\d)[0-9a-fA-F]{8,}|[0-9a-fA-F-]{32,}")
_INT = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d+\.\d+")


def value_part(name: str, value: str) -> str:
    """Return the part of a value that came as text, such as a query parameter.

    >>> value_part("id", "42"), value_part("q", "it's"), value_part("x", "")
    ('id:int:d:2', 'q:str:ax:4', 'x:empty')
    """
    name = safe_name(name)
    if not value:
        return f"{name}:empty"
    if _INT.fullmatch(value):
        return f"{name}:int:d:{rounded(len(value))}"
    if _NUMBER.fullmatch(value):
        return f"{name}:num:d:{rounded(len(value))}"
    return text_part(name, value)


def text_part(name: str, value: str) -> str:
    """Return the part of a text value; `name` is safe already."""
    return f"{name}:str:{classes(value)}:{rounded(len(value))}"


def classes(value: str) -> str:
    """Return which character classes occur, in fixed order: letters, digits, space, mild and other punctuation, other.

    >>> classes("a1 -'é")
    'adspxu'
    """
    marks = {_class(letter) for letter in set(value)}
    return "".join(mark for mark in "adspxu" if mark in marks)


def rounded(length: int) -> int:
    """Return a length rounded up to a power of two.

    >>> rounded(0), rounded(1), rounded(5), rounded(64)
    (0, 1, 8, 64)
    """
    return 1 << (length - 1).bit_length() if length > 0 else 0


def safe_name(name: str) -> str:
    """Return a name, or ``*`` where it looks like a value.

    >>> safe_name("coupon"), safe_name("user@example.com"), safe_name("3f2a9c1d77")
    ('coupon', '*', '*')
    """
    plain = len(name) <= MAX_NAME and _PLAIN.fullmatch(name) and not _HEX.fullmatch(name) and not _is_address(name)
    return name if plain else "*"


def _is_address(name: str) -> bool:
    return "@" in name[1:]


def _class(letter: str) -> str:
    if not letter.isascii():
        return "u"
    if letter.isalpha():
        return "a"
    if letter.isdigit():
        return "d"
    return "s" if letter.isspace() else "p" if letter in "-_.~@" else "x"
