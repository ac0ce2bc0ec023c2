"""Regular expressions of rules: RE2 only, whose time grows with the text and nothing else."""

from __future__ import annotations

from typing import Any, Final

import re2

MEMORY: Final = 8 << 20
"""Bytes of a compiled regex, RE2's own default: what needs more (``(x{1000}){1000}``) is refused."""


def regex(pattern: str) -> Any:
    """Compile a pattern as RE2."""
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)
