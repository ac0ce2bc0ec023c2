"""What every channel says: headline, sentence, facts, shares and notes, from one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vedette.notify.base import Document
from vedette.notify.words import Words, clean, clean_lines

MOST_PARTS: Final = 8
"""Contributions or incidents that are listed: what the explanation names one by one."""

EVERYWHERE: Final = "everywhere"
"""Where an incident is that is of no service, in an environment without a name."""

LONG: Final = 400
"""Characters of one listed part; what a log line brings may be far longer."""

TITLE: Final = 250
TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the list.

    Parameters
    ----------
    text
        What it is.
    note
        What would have had to differ, or when it was.
    share
        Percent of the whole, or None where there are no shares.
    link
        Where it is explained, or ``""``.
    """

    text: str
    note: str = ""
    share: float | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One letter in words, cleaned of what controls a terminal or a mail's header.

    Parameters
    ----------
    id
        Of this letter: the same when it is sent again.
    subject
        What all letters of one incident share.
    phase
        ``firing``, ``resolved`` or ``digest``.
    severity, kind
        Of the incident; ``low`` and ``operations`` for a digest.
    title, text
        One line, and a few sentences.
    facts
        Names and values, in the order in which they are shown.
    heading, parts
        The list, and what it is called.
    notes
        Sentences below the list.
    link, command
        Where to read on; the link is ``""`` unless ``notify.link`` is set.
    """

    id: str
    subject: str
    phase: str
    severity: str
    kind: str
    title: str
    text: str
    facts: tuple[tuple[str, str], ...]
    heading: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    link: str
    command: str

    @property
    def headline(self) -> str:
        """Title with the severity, or what became of it, in front."""
        if self.phase == "digest":
            return self.title
        return f"[{self.severity if self.phase == 'firing' else self.phase}] {self.title}"


def letter_id(document: Document) -> str:
    """Return the id of a letter: one for each change of an incident that is told.

    >>> letter_id({"id": "i1", "phase": "firing", "severity": "high"})
    'i1-firing-high'
    """
    return f"{document['id']}-{document['phase']}-{document['severity']}"


def message(document: Document, words: Words) -> Message:
    """Return the message of an incident or a digest, in a channel's words."""
    return _of_digest(document, words) if document["phase"] == "digest" else _of_incident(document, words)


def _of_incident(incident: Document, words: Words) -> Message:
    why, title, text = incident["explanation"], words.title(incident), words.text(incident)
    facts = [
        ("Where", " · ".join(filter(None, (incident["segment"] or EVERYWHERE, incident.get("tier"))))),
        ("Severity", f"{incident['severity']} · {incident['kind']}"),
        ("When", lasted(incident["started_at"], incident["ended_at"])),
        ("Events", f"{incident['event_count']:,}"),
        ("ATT&CK", ", ".join(incident["techniques"])),
    ]
    over = incident["phase"] == "resolved"
    notes = [f"how it ended: {why['timeline'][-1]['text']}"] if over and why["timeline"] else []
    notes += [f"it may be {one}" for one in why.get("hypotheses", ())]
    notes += [why["counterfactual"], why["rarity"], *(f"lowered: {reason}" for reason in why["lowered"])]
    notes += [recalled(incident.get("similar", [])), _next(incident["id"], words)]
    return Message(
        id=letter_id(incident),
        subject=incident["id"],
        phase=incident["phase"],
        severity=incident["severity"],
        kind=incident["kind"],
        title=clean(title, TITLE),
        text=clean_lines(text, TEXT),
        facts=tuple((name, clean(value, LONG)) for name, value in facts if value),
        heading="What contributed",
        parts=tuple(
            Part(clean(part["text"], LONG), clean(part["counterfactual"], LONG), part["share"])
            for part in why["contributions"][:MOST_PARTS]
        ),
        notes=tuple(clean(sentence(note), LONG) for note in notes if note),
        link=words.link(incident["id"]),
        command=f"vedette explain {incident['id']}",
    )


def _of_digest(digest: Document, words: Words) -> Message:
    counts = {name: counted(digest[name]) for name in ("by_severity", "by_kind", "by_verdict")}
    facts = [
        ("From", when(digest["from"])),
        ("To", when(digest["to"])),
        ("Incidents", f"{digest['total']:,}"),
        ("Severity", counts["by_severity"]),
        ("Kind", counts["by_kind"]),
        ("Still open", f"{digest['open']:,}"),
        ("Verdicts", counts["by_verdict"]),
    ]
    rows = digest["worst"][:MOST_PARTS]
    return Message(
        id=digest["id"],
        subject=digest["id"],
        phase="digest",
        severity=digest["severity"],
        kind=digest["kind"],
        title=clean(digest["title"], TITLE),
        text=clean_lines(digest["text"], TEXT),
        facts=tuple((name, clean(value, LONG)) for name, value in facts if value),
        heading="The worst" if rows else "",
        parts=tuple(_row(incident, words) for incident in rows),
        notes=(),
        link=words.link(""),
        command="vedette incidents --state all",
    )


def _row(incident: Document, words: Words) -> Part:
    verdict = f" · {incident['verdict']}" if incident["verdict"] else ""
    explained = f" · explained by {incident['explained']}" if incident.get("explained") else ""
    note = f"{incident['kind']} · {lasted(incident['started_at'], incident['ended_at'])}{verdict}{explained}"
    return Part(
        clean(f"[{incident['severity']}] {incident['title']}", LONG),
        clean(note, LONG),
        None,
        words.link(incident["id"]),
    )


def recalled(similar: Sequence[Document]) -> str:
    """Return past incidents like one in words, with what was said of them; empty for none.

    >>> recalled([{"id": "a1", "title": "scan", "started_at": "2026-11-24T10:05:00.000Z", "verdict": "noise"}])
    '1 past incident like it (1 noise), the likest of 2026-11-24 10:05 UTC: scan'
    """
    if not similar:
        return ""
    said = counted({name: sum(one["verdict"] == name for one in similar) for name in ("real", "expected", "noise")})
    many = f"{len(similar)} past incident{'s' if len(similar) > 1 else ''} like it ({said or 'no verdict'})"
    return f"{many}, the likest of {when(similar[0]['started_at'])}: {similar[0]['title']}"


def when(moment: str) -> str:
    """Return a document's time for people.

    >>> when("2026-11-24T10:05:00.000Z")
    '2026-11-24 10:05 UTC'
    """
    return f"{moment[:10]} {moment[11:16]} UTC"


def lasted(start: str, end: str | None) -> str:
    """Return from when until when, for people.

    >>> lasted("2026-11-24T10:05:00.000Z", "2026-11-24T10:20:00.000Z")
    '2026-11-24 10:05–10:20 UTC'
    >>> lasted("2026-11-24T22:05:00.000Z", "2026-11-25T00:20:00.000Z")
    '2026-11-24 22:05 – 2026-11-25 00:20 UTC'
    >>> lasted("2026-11-24T10:05:00.000Z", None)
    '2026-11-24 10:05 UTC, still going on'
    """
    if end is None:
        return f"{when(start)}, still going on"
    same = start[:10] == end[:10]
    return f"{when(start)[:-4]}{f'–{when(end)[11:]}' if same else f' – {when(end)}'}"


def _next(incident_id: str, words: Words) -> str:
    """Say what a reader does next."""
    where = "on its page" if words.page else f"with 'vedette verdict {incident_id}'"
    what = "real, expected or noise; the last two keep the same from coming again"
    return f"look at it, then say {where} what it was: {what}"


def counted(counts: dict[str, int]) -> str:
    """Return counts in words.

    >>> counted({"critical": 1, "high": 0, "low": 2})
    '1 critical, 2 low'
    """
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def sentence(text: str) -> str:
    """Return text with a capital and a full stop.

    >>> sentence("a score like this appears about once in 19 days here")
    'A score like this appears about once in 19 days here.'
    """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
