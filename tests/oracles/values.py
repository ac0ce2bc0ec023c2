"""The values of a log line at its template's open places, by the regular expression that the template is."""

from __future__ import annotations

import re


def values(line: bytes, parts: tuple[bytes, ...]) -> list[bytes]:
    """Return the values between fixed parts, each part at its first place; none if the line is made otherwise."""
    if len(parts) < 2:
        return []
    pattern = b"(.*?)".join(map(re.escape, parts))
    match = re.fullmatch(pattern, line, re.DOTALL)
    return list(match.groups()) if match else []
