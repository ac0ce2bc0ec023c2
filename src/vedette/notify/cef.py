r"""An incident as one line of the Common Event Format, for syslog receivers and older SIEMs.

In the header ``\`` and ``|`` are escaped and line breaks become spaces; in the extension ``\``, ``=`` and line
breaks are. Custom fields carry their meaning in a label beside them.

References
----------
Micro Focus Security ArcSight Common Event Format, version 26 (CEF:0).
"""

from __future__ import annotations

from typing import Final

from vedette.records.document import Document
from vedette.records.time import from_rfc3339

SEVERITIES: Final = {"low": 3, "medium": 5, "high": 8, "critical": 10}
"""CEF's own words for its numbers: 0–3 low, 4–6 medium, 7–8 high, 9–10 very high."""

NAME_LENGTH: Final = 512
MESSAGE_LENGTH: Final = 1023
"""Characters that CEF allows for ``name`` and ``msg``."""

TEXT_LENGTH: Final = 4000
"""Characters that CEF allows for custom strings."""


def cef_line(incident: Document, release: str) -> str:
    """Return an incident's document as one line, without an end of line; `release` is our own."""
    severity = SEVERITIES[incident["severity"]]
    header = ("Vedette", "Vedette", release, _signature(incident), incident["title"][:NAME_LENGTH], str(severity))
    extension = " ".join(f"{key}={_value(text)}" for key, text in _extension(incident).items() if text)
    return f"CEF:0|{'|'.join(map(_header, header))}|{extension}"


def _signature(incident: Document) -> str:
    """Return what is the same for all incidents of a sort: kind, and the feature that weighs most."""
    parts = incident["explanation"]["contributions"]
    return f"{incident['kind']}:{parts[0]['feature'].partition(':')[0]}" if parts else str(incident["kind"])


def _extension(incident: Document) -> dict[str, str]:
    why = incident["explanation"]
    strings = {
        "segment": incident["segment"],
        "techniques": ",".join(incident["techniques"]),
        "counterfactual": why["counterfactual"],
        "entities": ", ".join(incident["entities"]),
        "phase": incident["phase"],
    }
    labeled = {
        key: text
        for place, (label, value) in enumerate(strings.items(), 1)
        if value
        for key, text in ((f"cs{place}Label", label), (f"cs{place}", value[:TEXT_LENGTH]))
    }
    return {
        "externalId": incident["id"],
        "rt": _ms(incident["updated_at"]),
        "start": _ms(incident["started_at"]),
        "end": _ms(incident["ended_at"]) if incident["ended_at"] else "",
        "cat": incident["kind"],
        "cnt": str(incident["event_count"]),
        "msg": why["sentence"][:MESSAGE_LENGTH],
        "cfp1Label": "score",
        "cfp1": f"{incident['score']:g}",
        **labeled,
    }


def _ms(moment: str) -> str:
    return str(from_rfc3339(moment) // 1_000_000)


def _header(text: str) -> str:
    r"""Return a header field.

    >>> print(_header("a|b\\c\nd"))
    a\|b\\c d
    """
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").splitlines())


def _value(text: str) -> str:
    r"""Return the value of an extension field.

    >>> print(_value("a=b\\c\nd|e"))
    a\=b\\c\nd|e
    """
    return "\\n".join(text.replace("\\", "\\\\").replace("=", "\\=").splitlines())
