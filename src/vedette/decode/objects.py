"""Reads JSON documents of other tools, of which nothing is sure to be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def object_at(document: object, *path: str) -> Json:
    """Return the object at a path; an empty one where there is none."""
    for name in path:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document if isinstance(document, Mapping) else {}


def text_at(document: object, *path: str) -> str:
    """Return the text at a path, numbers as text; empty for none."""
    value = object_at(document, *path[:-1]).get(path[-1])
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
