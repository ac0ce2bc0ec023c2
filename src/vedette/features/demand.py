"""A request's endpoint, and all its parts: path, query, headers, cookies and body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from vedette.features.parts import HEADER, PATH, Part, body_parts, header_parts, query_parts

_ID = re.compile(r"(?=.*\d)[\w.~%+-]{1,}|[\w~%+-]{25,}")
_DEPTH: Final = 6
ROUTED: Final = re.compile(r"[\w.~-]{1,40}")


def endpoint(method: str, path: str) -> str:
    """Return method and path with ids folded, as a short template.

    >>> endpoint("GET", "/user/42/cart?x=1")
    'GET /user/{id}/cart'
    """
    places = path.partition("?")[0].strip("/").split("/")[:_DEPTH]
    folded = ["{id}" if _ID.fullmatch(place) else place if ROUTED.fullmatch(place) else "{*}" for place in places]
    return f"{method[:16].upper()} /{'/'.join(folded) if places != [''] else ''}"


def demand_parts(method: str, path: str, query: str, headers: str, body: str) -> Iterator[Part]:
    """Yield every part of a request; a query that still hangs on the path is found."""
    del method
    bare, _, hanging = path.partition("?")
    yield Part(PATH, "", unquote(bare))
    yield from query_parts(query.removeprefix("?") or hanging.partition("#")[0])
    content_type = ""
    for part in header_parts(headers):
        if part.place == HEADER and part.name == "content-type":
            content_type = part.value
        yield part
    if body:
        yield from body_parts(body, content_type)
