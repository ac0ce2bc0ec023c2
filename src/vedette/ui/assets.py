"""The built page as bytes in memory: a dozen small files, compressed once."""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""Ours, for the machine's own table of types can be changed by other programs."""

HASHED: Final = "assets/"
"""Folder of the files that carry a hash of their content in their name."""


@dataclass(frozen=True)
class Asset:
    """One file of the page."""

    path: str
    body: bytes

    @property
    def media_type(self) -> str:
        """What the browser is to take it for."""
        suffix = self.path[self.path.rfind(".") :]
        return TYPES.get(suffix) or mimetypes.guess_type(self.path)[0] or "application/octet-stream"

    @property
    def is_fixed(self) -> bool:
        """Whether a change of content changes the name."""
        return self.path.startswith(HASHED)

    @cached_property
    def etag(self) -> str:
        """Changes with the content."""
        return f'"{blake2b(self.body, digest_size=8).hexdigest()}"'

    @cached_property
    def gzipped(self) -> bytes:
        """The body compressed; the same bytes at every start."""
        return gzip.compress(self.body, 9, mtime=0)


def built_page() -> dict[str, Asset]:
    """Return the files of the built page by path; empty without a build."""
    root = files("vedette.ui") / "static"
    if not (root / "index.html").is_file():
        return {}
    return {path: Asset(path, body) for path, body in _walk(root, "")}


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()
