"""A text as what receives it may read: percent codes, entities, escapes, comments and quotes undone, layer by layer."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from html import unescape
from typing import Final, NamedTuple

LIMIT: Final = 4096
"""Characters of a value that are read; the rest counts for its length only."""

ROUNDS: Final = 3
"""Layers undone: doubly encoded attacks are usual, a fourth layer is read by no server that we know."""

_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_WIDE = re.compile(r"(?:%u|\\u)\{?([0-9a-fA-F]{4})\}?")
_ESCAPE = re.compile(r"(?:\\x[0-9a-fA-F]{2})+|\\[0-7]{3}(?!\d)")
_BLANK_ENTITY = re.compile(r"&(?:tab|newline);", re.IGNORECASE)
_HEX = re.compile(r"0x([2-7][0-9a-fA-F])(?![0-9a-fA-F])|0x(2[eEfF]|5[cC])")
_OVERLONG = re.compile(r"%(?:c[01]|e0%80|f0%80%80|f8%80%80%80)%[0-9a-fA-F]{2}", re.IGNORECASE)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2,3}={0,2})?")
_UTF7 = re.compile(r"\+([A-Za-z0-9/]{2,6})-")
_COMMENT = re.compile(r"/\*!?\d{0,5}|\*/|<!--+|--+>")
_WHOLE_COMMENT = re.compile(r"/\*[^!*][^*]{0,200}\*/|/\*\*/")
_NOISE = re.compile(
    r"(?<=[\w/])(?:''|\"\"|``|\\(?=[a-zA-Z])|\$[@*!?$_-]|\$\{\w*\}|\$\(\)|\^|>\(\)|<\(\)|\[\])+(?=[\w/ ])"
)
_VARIABLE = re.compile(r"(?<=[a-z/])\$[a-z_]{1,3}(?=[/\w+ ])", re.IGNORECASE)
_BLANK_VARIABLE = re.compile(r"\$\{?IFS\}?(?:\$\d)?|\$IFS\b", re.IGNORECASE)
_FULLWIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x2215: 47, 0x2216: 92, 0x2044: 47, 0x2018: 39, 0x2019: 39, 0x201C: 34, 0x201D: 34, 0x02B9: 39, 0x3002: 46,
}  # fmt: skip
"""Look-alikes that databases and file systems fold to ASCII."""


class Reading(NamedTuple):
    """One way to read a text."""

    text: str
    layers: int
    """Encodings undone beyond the one that transport asks for."""


def readings(text: str) -> list[Reading]:
    """Return the distinct ways to read a text, as it is first, most deeply undone last; all in lower case.

    What is broken, such as a lone ``%``, is left as it stands. It fails on encodings that only one application
    knows, and on compressed or encrypted content.

    >>> [reading.text for reading in readings("%253Cb%253E")]
    ['%253cb%253e', '%3cb%3e', '<b>']
    """
    text = text[:LIMIT]
    found: dict[str, int] = {text: 0}
    for layer in range(1, ROUNDS + 1):
        after = _undone(text)
        if after == text:
            break
        found.setdefault(after, layer)
        text = after
    plain = _stripped(text)
    if plain != text:
        found.setdefault(plain, found[text])
    for hidden in _hidden(text):
        found.setdefault(hidden, 1)
    return [Reading(reading.lower(), layers) for reading, layers in found.items()]


def is_overlong(text: str) -> bool:
    """Say whether a text holds characters in more bytes than needed: no honest encoder writes them.

    >>> is_overlong("%c0%ae%c0%ae/"), is_overlong("%c3%a9")
    (True, False)
    """
    return "%" in text and _OVERLONG.search(text) is not None


def _undone(text: str) -> str:
    """Return the text with one layer of every known encoding undone."""
    if "%" in text:
        text = _OVERLONG.sub(_short, text)
        text = _PERCENT.sub(_bytes, text)
    if "%u" in text or "\\" in text or "0x" in text:
        text = _WIDE.sub(lambda match: chr(int(match[1], 16)), text)
        text = _ESCAPE.sub(_byte, text)
        text = _HEX.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    if "&" in text:
        text = unescape(_BLANK_ENTITY.sub(" ", text))
    return text if text.isascii() else text.translate(_FULLWIDTH)


def _short(match: re.Match[str]) -> str:
    """Return the character of an overlong form: the low bits of its last two bytes."""
    lead, last = match[0][-5:-3], match[0][-2:]
    code = (int(lead, 16) & 0x03) << 6 | int(last, 16) & 0x3F
    return chr(code) if 32 <= code < 127 else "/"


def _bytes(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "backslashreplace")


def _byte(match: re.Match[str]) -> str:
    """Return what an escape means; runs in UTF-8 are characters, others are Latin."""
    if match[0][1] != "x":
        return chr(int(match[0][1:], 8))
    run = bytes.fromhex(match[0].replace("\\x", ""))
    try:
        return run.decode()
    except UnicodeDecodeError:
        return run.decode("latin-1")


def _stripped(text: str) -> str:
    """Return the text without what parsers pass over: comments, empty quotes and variables, control characters."""
    text = _WHOLE_COMMENT.sub(" ", text)
    text = _COMMENT.sub(" ", text)
    text = _BLANK_VARIABLE.sub(" ", text)
    text = _VARIABLE.sub("", _NOISE.sub("", text))
    return re.sub(r"[\s\x00-\x08]+", " ", text)


def _hidden(text: str) -> list[str]:
    """Return what long words hold in base64 and UTF-7, where it is text."""
    found = []
    for match in _BASE64.finditer(text):
        try:
            inside = b64decode(match[0] + "=" * (-len(match[0]) % 4)).decode()
        except (Error, ValueError):
            continue
        if inside.strip().isprintable():
            found.append(_undone(inside.strip()))
    if _UTF7.search(text):
        found.append(text.encode("ascii", "replace").decode("utf-7", "replace"))
    return found[:4]
