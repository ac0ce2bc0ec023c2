"""STIX patterns of the simple sort: alternatives of what a value equals; everything else is named, not guessed.

References
----------
STIX 2.1, section 9, STIX Patterning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from vedette.errors import BadInput
from vedette.indicators.model import Kind

DEEPEST: Final = 50
"""Parentheses within one another that are read."""

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<path>[a-z0-9-]+:[A-Za-z0-9_-]+(?:\.(?:[A-Za-z0-9_-]+|'(?:[^'\\]|\\.)*')|\[(?:\d+|\*)\])*)
    |(?P<mark>!=|<>|==|<=|>=|[\[\]()=,<>])
    |(?P<word>[A-Za-z]'[^']*'|[+-]?[A-Za-z0-9_.]+))""",
    re.VERBOSE,
)
_END: Final = ("", "")

_PATHS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        ("ipv4-addr:value", "ipv6-addr:value", "network-traffic:dst_ref.value", "network-traffic:src_ref.value"),
        Kind.ADDRESS,
    ),
    "domain-name:value": Kind.DOMAIN,
    "url:value": Kind.URL,
    **dict.fromkeys(
        ("email-addr:value", "email-message:from_ref.value", "email-message:sender_ref.value"),
        Kind.EMAIL,
    ),
    **{
        f"{thing}:hashes.{name}": Kind.HASH
        for thing in ("file", "artifact")
        for name in ("md5", "sha-1", "sha1", "sha-256", "sha256")
    },
    **dict.fromkeys(("process:name", "process:image_ref.name"), Kind.PROCESS),
    "network-traffic:extensions.http-request-ext.request_header.user-agent": Kind.AGENT,
}
"""Object paths that are looked up, in small letters and without quotation marks."""


@dataclass(slots=True)
class Alternatives:
    """What a pattern says: any of these values; and the paths that are not looked up, which are alternatives, too."""

    values: list[tuple[Kind, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def alternatives(pattern: str) -> Alternatives:
    """Return the values of which any makes a pattern true.

    Raises
    ------
    BadInput
        For a syntax error, with its place, and for what is no mere alternative: AND, FOLLOWEDBY, NOT, LIKE, MATCHES,
        comparisons by size, and qualifiers.

    Examples
    --------
    >>> alternatives("[ipv4-addr:value = '192.0.2.1' OR domain-name:value IN ('a.example', 'b.example')]").values[1]
    (<Kind.DOMAIN: 2>, 'a.example')
    """
    parser = _Parser(pattern)
    parser.any_of(parser.observation)
    parser.expect(*_END)
    return parser.found


class _Parser:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._depth = 0
        self._sort, self._text = _END
        self.found = Alternatives()
        self._next()

    def any_of(self, part: Callable[[], None]) -> None:
        """Read parts with OR between them."""
        part()
        while self._is("OR"):
            self._next()
            part()
        for word in ("AND", "FOLLOWEDBY", "WITHIN", "REPEATS", "START"):
            if self._is(word):
                raise BadInput("not_evaluated", detail=f"{word} at character {self._place}, expected alternatives (OR)")

    def observation(self) -> None:
        """Read an observation in brackets, or some in parentheses."""
        if (self._sort, self._text) == ("mark", "("):
            self._within(self.observation, ")")
        else:
            self._within(self._comparison, "]", "[")

    def expect(self, sort: str, text: str) -> None:
        """Go past a token.

        Raises
        ------
        BadInput
            If another one is there.
        """
        if (self._sort, self._text) != (sort, text):
            raise self._error(text or "the end")
        if sort:
            self._next()

    def _within(self, part: Callable[[], None], close: str, begin: str = "(") -> None:
        self.expect("mark", begin)
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(f"{DEEPEST} parentheses at most")
        self.any_of(part)
        self._depth -= 1
        self.expect("mark", close)

    def _comparison(self) -> None:
        if (self._sort, self._text) == ("mark", "("):
            self._within(self._comparison, ")")
            return
        if self._sort != "path":
            if self._is("EXISTS") or self._is("NOT"):
                raise BadInput("not_evaluated", detail=f"{self._text} at character {self._place}")
            raise self._error("an object path such as ipv4-addr:value")
        path = self._text
        self._next()
        operator = self._text.upper()
        if operator not in ("=", "==", "IN", "ISSUBSET"):
            if self._sort in ("mark", "word"):
                raise BadInput("not_evaluated", detail=f"{path} {self._text}, expected =, IN or ISSUBSET")
            raise self._error("an operator")
        self._next()
        values = self._set() if operator == "IN" else [self._string()]
        kind = _PATHS.get(path.lower().replace("'", ""))
        if kind is None:
            self.found.others.append(path)
        else:
            self.found.values += [(kind, value) for value in values]

    def _set(self) -> list[str]:
        self.expect("mark", "(")
        values = [self._string()]
        while (self._sort, self._text) == ("mark", ","):
            self._next()
            values.append(self._string())
        self.expect("mark", ")")
        return values

    def _string(self) -> str:
        if self._sort not in ("text", "word"):
            raise self._error("a text in quotation marks")
        text = self._text
        self._next()
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith("'") else text

    def _is(self, word: str) -> bool:
        return self._sort == "word" and self._text.upper() == word

    def _next(self) -> None:
        match = _TOKEN.match(self._pattern, self._at)
        if match is not None:
            self._at = match.end()
            self._sort, self._text = str(match.lastgroup), match[match.lastgroup or 0]
        elif self._pattern[self._at :].strip():
            self._sort, self._text = "", self._pattern[self._at :].strip()[:20]
        else:
            self._sort, self._text = _END

    @property
    def _place(self) -> int:
        return self._at - len(self._text) + 1

    def _error(self, expected: str) -> BadInput:
        got = repr(self._text) if self._text else "the end"
        return BadInput("bad_pattern", detail=f"got {got} at character {self._place}, expected {expected}")
