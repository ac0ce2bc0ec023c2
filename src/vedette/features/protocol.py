"""Headers that are not what their grammar allows, or that read like code."""

from __future__ import annotations

import re
from typing import Final

from vedette.features.syntax import EXPLOIT, SILENT, Reading, judge

_GRAMMARS: Final = {
    "content-type": re.compile(
        r"[\w*+.-]+/[\w*+.-]+\s*(?:;\s*(?:charset\s*=\s*[\"']?(?:utf-8|iso-8859-15?|windows-1252|us-ascii)[\"']?|"
        r"(?!charset)[\w-]+\s*=\s*(?:\"[^\"]{0,200}\"|[^\s;\"]{0,200}))\s*)*;?", re.IGNORECASE),
    "accept": re.compile(r"(?!.*charset\s*=\s*\"?(?!utf-8|iso-8859-15?\"?|windows-1252)[\w-]).*", re.IGNORECASE),
    "connection": re.compile(r"(?!.*\b(keep-alive|close)\b.*\b(?:keep-alive|close)\b)[\w-]+(?:\s*,\s*[\w-]+)*", re.I),
    "cache-control": re.compile(r"[\w-]+(?:=\"?[\w-]+\"?)?(?:,\s*[\w-]+(?:=\"?[\w-]+\"?)?)*", re.IGNORECASE),
    "content-length": re.compile(r"\d{1,12}"),
    "host": re.compile(r"(?!\d+\.\d+\.\d+\.\d+(?::\d+)?$)[\w.%-]+(?::\d{1,5})?", re.IGNORECASE),
    "accept-encoding": re.compile(r"[\w*.;=,\s-]{0,100}"),
    "range": re.compile(r"bytes=\d*-\d*(?:,\s*\d*-\d*){0,4}"),
}  # fmt: skip
"""RFC 9110 and the character sets that servers agree on; other sets are a known way round filters."""

_FORM_EDGE = re.compile(r"(?!\s*multipart/).*\bboundary\s*=.*/", re.IGNORECASE)
_RUN = re.compile(
    r"\.\s*(?:php[\dst]?|phtml|phar|pht|inc|jspx?|aspx?|ashx|asmx|cfm|cgi|pl|shtml|htaccess)\d*[\s.]*$|\bsess_[\w,-]{20,}",
    re.IGNORECASE,
)
SHELL_FILE: Final = "T1505.003"
_FREE: Final = frozenset({"user-agent", "sec-ch-ua", "accept-language", "accept", "authorization", "if-none-match"})
_OWN: Final = re.compile(r"\([^()]*\)|[\w.-]+/\d[\w.-]*|;\s*[a-z-]+=[\w.\"-]+|\b(?:rv:|q=)[\d.]+", re.IGNORECASE)


def odd_header(name: str, value: str) -> Reading:
    """Return how much a header reads like something that its sender had no reason to write.

    >>> odd_header("connection", "keep-alive").decades, odd_header("connection", "close, close").decades
    (0.0, 4.0)
    """
    bare = name.removeprefix("part ")
    if "filename" in bare.replace("-", "").replace("_", "").replace(".", ""):
        return uploaded(value)
    grammar = _GRAMMARS.get(bare)
    if grammar is not None:
        fits = grammar.fullmatch(value.strip()) is not None and not (bare == "content-type" and _FORM_EDGE.match(value))
        told = SILENT if fits else judge(value)
        return told if fits or told.decades > 4.0 else Reading(4.0, f"a malformed {bare} header", EXPLOIT)
    return judge(value if bare not in _FREE or "){" in value else _OWN.sub(" ", value))


def uploaded(name: str) -> Reading:
    """Return how much a name of an uploaded file is one that a server would run, or one of its own files.

    >>> uploaded("holiday.php.jpg").decades, uploaded("shell.php5..").decades
    (0.0, 5.0)
    """
    return Reading(5.0, "a file that a server runs or keeps", SHELL_FILE) if _RUN.search(name) else judge(name)
