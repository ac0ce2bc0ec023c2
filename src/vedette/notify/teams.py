"""Sends incidents to a Teams channel, by a workflow's webhook, as an Adaptive Card."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from vedette.notify.base import Document
from vedette.notify.look import bar, percent
from vedette.notify.message import Message, Part, message
from vedette.notify.post import Door
from vedette.notify.words import Words

LARGEST: Final = 28_000
"""Bytes that Teams takes in one message, with some to spare (28 KB)."""

_STYLES: Final = {
    "low": "accent",
    "medium": "warning",
    "high": "attention",
    "critical": "attention",
    "resolved": "good",
    "digest": "default",
}
_MARKS: Final = re.compile(r"([\\`*_\[\]])")
"""What begins emphasis, code or a link in a card's Markdown."""

Element = dict[str, Any]


class Teams:
    """One workflow, "when a Teams webhook request is received".

    The name of the headline's element is the letter's id. Teams itself does not compare letters: what is
    sent again after a lost answer is shown twice.

    References
    ----------
    https://adaptivecards.io/explorer, version 1.4, what Teams shows on all devices.
    """

    repeat_after = None
    takes_digests = True
    keeps_open = False

    def __init__(self, name: str, door: Door, words: Words) -> None:
        self.name = name
        self._door, self._words = door, words

    def send(self, document: Document, now: int) -> None:
        """Deliver one card; raises `DeliveryFailed`."""
        del now
        body = json.dumps(teams(message(document, self._words))).encode()
        self._door.post(body, {"Content-Type": "application/json"})


def teams(letter: Message) -> dict[str, Any]:
    """Return a message as a workflow takes it, at most `LARGEST` bytes: the last rows of the list give way."""
    rows = [_part(part) for part in letter.parts]
    while True:
        payload = _payload(letter, rows)
        if not rows or len(json.dumps(payload)) <= LARGEST:
            return payload
        rows.pop()


def _payload(letter: Message, rows: list[Element]) -> dict[str, Any]:
    style = (
        _STYLES[letter.severity] if letter.phase == "firing" else "good" if letter.phase == "resolved" else "default"
    )
    head = _text(letter.headline, id=letter.id, size="large", weight="bolder")
    body: list[Element] = [
        {"type": "Container", "style": style, "bleed": True, "items": [head]},
        *(_text(line) for line in letter.text.split("\n") if line),
        {"type": "FactSet", "facts": [{"title": name, "value": _escaped(value)} for name, value in letter.facts]},
    ]
    if rows:
        body += [_text(letter.heading, weight="bolder", spacing="medium"), *rows]
    body += [_text(note, isSubtle=True, size="small", spacing="small") for note in letter.notes]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": letter.headline,
        "body": body,
    }
    if letter.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open in Vedette", "url": letter.link}]
    else:
        body.append(_text(f"Read on: {letter.command}", isSubtle=True, size="small"))
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _part(part: Part) -> Element:
    items = [_text(part.text)]
    if part.note:
        items.append(_text(part.note, isSubtle=True, size="small", spacing="none"))
    columns: list[Element] = [{"type": "Column", "width": "stretch", "items": items}]
    if part.share is not None:
        share = f"{bar(part.share, 5)} {percent(part.share)}"
        columns.insert(0, {"type": "Column", "width": "auto", "items": [_text(share, fontType="monospace")]})
    row: Element = {"type": "ColumnSet", "spacing": "small", "columns": columns}
    return {**row, "selectAction": {"type": "Action.OpenUrl", "url": part.link}} if part.link else row


def _text(text: str, **more: Any) -> Element:
    return {"type": "TextBlock", "text": _escaped(text), "wrap": True, **more}


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)
