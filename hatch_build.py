"""Builds the page into the wheel and the sdist where Node.js is there; without it the wheel has the API alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE: Final = 20

GENERATED: Final = "schema.d.ts"
"""Made of `web/openapi.json` by every build."""


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the page in ``web/``; an sdist carries the outcome, so installing from it needs no Node.js."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, unless it is there already or this is an editable install."""
        del build_data
        source, page = Path(self.root, "web"), Path(self.root, "src/vedette/ui/static/index.html")
        if version == "editable" or not (source / "package.json").is_file() or _is_current(page, source):
            return
        npm = shutil.which("npm")
        if npm is None or not _is_recent():
            self.app.display_warning(f"Node.js {OLDEST_NODE} or newer is not here: no page, the API works")
            return
        for words in (("ci", "--no-audit", "--no-fund"), ("run", "build")):
            subprocess.run((npm, *words), cwd=source, check=True)


def _is_current(page: Path, source: Path) -> bool:
    """Return whether the page is built, and nothing that it is made of has changed since."""
    parts = [source / "index.html", source / "package-lock.json", *(source / "src").rglob("*")]
    changed = (part.stat().st_mtime for part in parts if part.name != GENERATED)
    return page.is_file() and max(changed) <= page.stat().st_mtime


def _is_recent() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    text = subprocess.run((node, "--version"), capture_output=True, text=True, check=True).stdout
    return int(text.strip().lstrip("v").partition(".")[0]) >= OLDEST_NODE
