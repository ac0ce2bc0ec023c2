"""A message as plain text, for mails and for receivers that know nothing else."""

from __future__ import annotations

from textwrap import fill
from typing import Final

from vedette.notify.look import bar
from vedette.notify.message import Message, Part

WIDTH: Final = 76
"""Columns; mail programs indent what is quoted, and break lines at 80."""


def plain(message: Message) -> str:
    """Return a message as text, without its headline."""
    text = [fill(line, WIDTH) for line in message.text.split("\n")]
    facts = [f"{name + ':':<12}{value}" for name, value in message.facts]
    parts = [message.heading, *(line for part in message.parts for line in _part(part))] if message.parts else []
    notes = [fill(note, WIDTH) for note in message.notes]
    blocks = [text, facts, parts, notes, [f"Read on: {message.link or message.command}"]]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _part(part: Part) -> list[str]:
    lead = "- " if part.share is None else f"{bar(part.share)} {part.share:3.0f} %  "
    wrapped = fill(part.text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead))
    note = fill(part.note, WIDTH, initial_indent=" " * len(lead), subsequent_indent=" " * len(lead))
    return [wrapped, note] if part.note else [wrapped]
