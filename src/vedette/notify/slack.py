"""Sends incidents to a Slack channel, by an incoming webhook, as Block Kit."""

from __future__ import annotations

import json
from typing import Any, Final

from vedette.notify.base import Document
from vedette.notify.look import bar, color_of, percent
from vedette.notify.message import Message, Part, message
from vedette.notify.post import Door
from vedette.notify.words import Words

SECTION: Final = 3000
BLOCK_ID: Final = 255
"""Characters that Slack takes in a section and in the name of a block."""

Block = dict[str, Any]


class Slack:
    """One incoming webhook.

    The name of the first block is the letter's id. Slack itself does not compare letters: what is sent
    again after a lost answer is shown twice. The headline is the text: it stands above the colored edge, and in what a
    phone shows of it; a header within would say it again, and cut it at 150 characters.

    References
    ----------
    https://docs.slack.dev/reference/block-kit/blocks, limits of each block.
    """

    repeat_after = None
    takes_digests = True
    keeps_open = False

    def __init__(self, name: str, door: Door, words: Words) -> None:
        self.name = name
        self._door, self._words = door, words

    def send(self, document: Document, now: int) -> None:
        """Deliver one message; raises `DeliveryFailed`."""
        del now
        body = json.dumps(slack(message(document, self._words))).encode()
        self._door.post(body, {"Content-Type": "application/json"})


def slack(letter: Message) -> dict[str, Any]:
    """Return a message as the payload of an incoming webhook."""
    blocks: list[Block] = [
        {**_section(_escaped(letter.text) or "–"), "block_id": letter.id[:BLOCK_ID]},
        {"type": "section", "fields": [_text(f"*{name}*\n{_escaped(value)}") for name, value in letter.facts]},
    ]
    if letter.parts:
        blocks.append(_section("\n".join([f"*{letter.heading}*", *map(_part, letter.parts)])))
    if letter.notes:
        blocks.append({"type": "context", "elements": [_text("\n".join(map(_escaped, letter.notes)))]})
    blocks.append(_foot(letter))
    headline = f"*{_escaped(letter.headline).replace('*', '∗')}*"
    return {"text": headline, "attachments": [{"color": color_of(letter), "blocks": blocks}]}


def _part(part: Part) -> str:
    text = f"<{part.link}|{_escaped(part.text)}>" if part.link else _escaped(part.text)
    lead = "• " if part.share is None else f"`{bar(part.share)} {percent(part.share)}`  "
    return f"{lead}{text}" + (f"\n_{_escaped(part.note)}_" if part.note else "")


def _foot(letter: Message) -> Block:
    if not letter.link:
        return {"type": "context", "elements": [_text(f"Read on: `{_escaped(letter.command)}`")]}
    button = {"type": "plain_text", "text": "Open in Vedette", "emoji": False}
    return {"type": "actions", "elements": [{"type": "button", "text": button, "url": letter.link}]}


def _section(text: str) -> Block:
    return {"type": "section", "text": _text(text)}


def _text(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text if len(text) <= SECTION else _cut(text), "verbatim": True}


def _cut(text: str) -> str:
    """Return the lines that fit; a line is never cut in the middle of a link or an escape."""
    kept, room = [], SECTION - 2
    for line in text.split("\n"):
        if len(line) > room:
            break
        kept.append(line)
        room -= len(line) + 1
    return "\n".join([*kept, "…"])


def _escaped(text: str) -> str:
    """Return text that can hold no link, mention or ``<!channel>``."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
