"""A request as its parts: where each value stands, under which name; bodies by their content type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

MAX_PARTS: Final = 256
"""Values of one request that are looked at."""

MAX_DEPTH: Final = 16

PATH, QUERY, FORM, JSON, XML, TEXT, HEADER, COOKIE, FILE = (
    "path", "query", "form", "json", "xml", "text", "header", "cookie", "file",
)  # fmt: skip

_TAG = re.compile(r"<([\w:.-]{1,64})((?:\s+[\w:.-]{1,64}\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*/?>")
_ATTRIBUTE = re.compile(r"([\w:.-]{1,64})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_CONTENT = re.compile(r">([^<>]+)<")
_FILE_NAME = re.compile(r"filename\*?=\"?([^\"\r\n;]*)", re.IGNORECASE)
_FIELD_NAME = re.compile(r"(?<!file)name=\"?([^\"\r\n;]*)", re.IGNORECASE)


class Part(NamedTuple):
    """One value of a request."""

    place: str
    name: str
    value: str


def query_parts(query: str, place: str = QUERY) -> Iterator[Part]:
    """Yield the parameters of a query or form; without ``=`` the whole piece is the name.

    >>> list(query_parts("a=1%202&b"))
    [Part(place='query', name='a', value='1 2'), Part(place='query', name='b', value='')]
    """
    for piece in query.split("&", MAX_PARTS)[:MAX_PARTS]:
        if piece:
            name, _, value = piece.partition("=")
            yield Part(place, unquote_plus(name), unquote_plus(value))


def body_parts(body: str, content_type: str) -> Iterator[Part]:
    """Yield the values of a body, by its content type, and where that does not fit or is not told, by its looks."""
    kind, text = content_type.lower(), body.strip()
    if "multipart" in kind and "boundary=" in kind:
        yield from _multipart(body)
    elif ("json" in kind or text[:1] in ("{", "[")) and (parsed := _parsed(text)) is not None:
        yield from _json(parsed, "", 0)
    elif "xml" in kind or text.startswith("<?xml"):
        yield from _xml(body)
    elif "x-www-form-urlencoded" in kind or (not kind and text) or ("text/plain" in kind and "=" in text[:64]):
        yield from query_parts(text.strip('"'), FORM)
    elif text:
        yield Part(TEXT, "", body)


def header_parts(text: str) -> Iterator[Part]:
    """Yield the headers of a JSON object, cookies one by one; anything else is one part."""
    if not text:
        return
    parsed = _parsed(text)
    if not isinstance(parsed, dict):
        yield Part(HEADER, "", text)
        return
    for name, value in list(parsed.items())[:MAX_PARTS]:
        told = value if isinstance(value, str) else json.dumps(value)
        if name.lower() == "cookie":
            for piece in told.split(";", MAX_PARTS)[:MAX_PARTS]:
                key, _, inside = piece.strip().partition("=")
                yield Part(COOKIE, key, inside)
        else:
            yield Part(HEADER, name.lower(), told)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _json(value: Any, path: str, depth: int) -> Iterator[Part]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, child in list(value.items())[:MAX_PARTS]:
            yield from _json(child, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list):
        for child in value[:MAX_PARTS]:
            yield from _json(child, f"{path}[]", depth + 1)
    else:
        yield Part(JSON, path, value if isinstance(value, str) else json.dumps(value))


def _xml(body: str) -> Iterator[Part]:
    """Yield attributes and contents, and the whole body where a document type or section makes it more than data."""
    rest = _CONTENT.findall(body[: 1 << 16])
    for tag in _TAG.finditer(body[: 1 << 16]):
        for name, double, single in _ATTRIBUTE.findall(tag[2]):
            if not name.startswith("xmlns"):
                yield Part(XML, f"{tag[1]}@{name}", double or single)
    for text in rest[:MAX_PARTS]:
        if text.strip():
            yield Part(XML, "content", text)
    if "<!" in body:
        yield Part(TEXT, "", body)


def _multipart(body: str) -> Iterator[Part]:
    """Yield fields and file names of a form in pieces, each also with its own headers."""
    lines = body.splitlines()
    edge = next((line for line in lines if line.startswith("--")), "--")
    for piece in ("\n".join(lines)).split(edge)[1 : MAX_PARTS + 1]:
        head, _, value = piece.strip("\n").partition("\n\n")
        field, file = _FIELD_NAME.search(head), _FILE_NAME.search(head)
        name = field[1] if field else ""
        for line in head.split("\n"):
            key, colon, told = line.partition(":")
            if colon and key.lower() not in ("content-disposition", ""):
                yield Part(HEADER, f"part {key.strip().lower()}", told.strip())
        if file:
            yield Part(FILE, name, file[1])
        if value and value != "--":
            yield Part(FORM, name, value)
