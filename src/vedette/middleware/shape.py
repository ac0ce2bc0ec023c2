"""A parsed request body as its structure: ``path:type:class:length`` parts, never a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from vedette.records.shape import rounded, safe_name, text_part, value_part

INVALID: Final = "!invalid"
"""Structure of a body that is not what its content type says."""

MORE: Final = "…"
"""Stands for what is beyond the bounds."""

MAX_PARTS: Final = 64
MAX_DEPTH: Final = 8


def json_shape(body: bytes) -> str:
    """Return the structure of a JSON body.

    >>> json_shape(b'{"cart": [{"id": 7}], "note": "call me"}')
    'cart[].id:int:d:1|note:str:as:8'
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return INVALID
    return _joined(_parts(value, "", 0))


def form_shape(body: bytes) -> str:
    """Return the structure of a form's body (``application/x-www-form-urlencoded``).

    >>> form_shape(b"name=Ann&age=30")
    'age:int:d:2|name:str:a:4'
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return INVALID
    return _joined(value_part(name, value) for name, value in pairs)


def _joined(parts: Iterator[str]) -> str:
    """Return the distinct parts, sorted; beyond the bounds there is one ``…``."""
    kept: set[str] = set()
    for part in parts:
        if len(kept) >= MAX_PARTS:
            kept.add(MORE)
            break
        kept.add(part)
    return "|".join(sorted(kept))


def _parts(value: Any, path: str, depth: int) -> Iterator[str]:
    if depth >= MAX_DEPTH:
        yield MORE
    elif isinstance(value, dict) and value:
        for name, child in value.items():
            yield from _parts(child, f"{path}.{safe_name(name)}" if path else safe_name(name), depth + 1)
    elif isinstance(value, list) and value:
        for child in value[: 4 * MAX_PARTS]:
            yield from _parts(child, f"{path}[]", depth + 1)
    else:
        yield _leaf(value, path or "$")


def _leaf(value: Any, path: str) -> str:
    if value is None or isinstance(value, bool):
        return f"{path}:{'null' if value is None else 'bool'}"
    if isinstance(value, (dict, list)):
        return f"{path}:{'object' if isinstance(value, dict) else 'array'}"
    if isinstance(value, str):
        return text_part(path, value) if value else f"{path}:empty"
    return f"{path}:{'int' if isinstance(value, int) else 'num'}:d:{rounded(len(str(value)))}"
