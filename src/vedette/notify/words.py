"""A channel's own words: templates of names, never of code."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import Final
from urllib.parse import quote

from vedette.notify.base import Document
from vedette.notify.sample import sample

_CONTROL: Final = dict.fromkeys((*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), " ")
"""What a terminal, a mail's header or a direction of writing would obey."""


def values(incident: Document) -> dict[str, str]:
    """Return what a template may name, and what it stands for in an incident."""
    why, place = incident["explanation"], incident["segment_parts"]
    return {
        **{name: incident[name] for name in ("id", "phase", "severity", "kind", "title", "segment", "started_at")},
        **{name: place[name] for name in ("environment", "service", "operation")},
        **{name: why[name] for name in ("sentence", "paragraph", "counterfactual", "rarity")},
        "tier": incident.get("tier", ""),
        "ended_at": incident["ended_at"] or "",
        "score": f"{incident['score']:g}",
        "events": str(incident["event_count"]),
        "techniques": ", ".join(incident["techniques"]),
    }


FIELDS: Final = tuple(values(sample(0)))
"""What a template may name."""


@dataclass(frozen=True, slots=True)
class Words:
    """How one channel puts an incident.

    Parameters
    ----------
    page
        Address of the page, for links; empty for none.
    headline, body
        Templates of `string.Template`: ``$service is slow``. They must have passed `check_template`.
    """

    page: str = ""
    headline: str = "$title"
    body: str = "$paragraph"

    def title(self, incident: Document) -> str:
        """Return an incident's headline."""
        return _filled(self.headline, incident)

    def text(self, incident: Document) -> str:
        """Return an incident's sentences."""
        return _filled(self.body, incident)

    def link(self, incident_id: str) -> str:
        """Return the address of an incident's page, of the list for no id, or ``""`` where no page is known."""
        if not self.page:
            return ""
        path = f"/incidents/{quote(incident_id, safe='')}" if incident_id else "/incidents"
        return self.page.rstrip("/") + path


USUAL: Final = Words()
"""The incident's own words, without links."""


def check_template(text: str) -> str:
    """Return a template that can be filled for every incident.

    Raises
    ------
    ValueError
        Naming what is allowed, for a field that does not exist and for a dollar sign that begins none.
    """
    template = Template(text)
    if not template.is_valid():
        raise ValueError("text with fields such as $title or ${service}; a dollar sign itself is written $$")
    unknown = [name for name in template.get_identifiers() if name not in FIELDS]
    if unknown:
        raise ValueError(f"the fields {', '.join('$' + name for name in FIELDS)}, not ${unknown[0]}")
    return text


def clean(text: str, most: int) -> str:
    r"""Return text that is safe in a header and at most `most` characters long.

    >>> clean("GET /\r\nBcc: you@example.com", 30)
    'GET /  Bcc: you@example.com'
    >>> clean("long enough", 5)
    'long…'
    """
    text = text.encode("utf-8", "replace").decode().translate(_CONTROL)
    return text if len(text) <= most else text[: most - 1] + "…"


def clean_lines(text: str, most: int) -> str:
    """Return text as `clean` does, with its line ends kept."""
    return "\n".join(clean(line, most) for line in text[:most].splitlines())


def _filled(template: str, incident: Document) -> str:
    return Template(template).substitute(values(incident))
