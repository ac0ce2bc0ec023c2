"""A message as an HTML mail: tables and inline styles, since mail programs know little else."""

from __future__ import annotations

from html import escape
from typing import Final

from vedette.notify.look import color_of
from vedette.notify.message import Message, Part

_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_SOFT: Final = "color:#55606b"
_WIDTH: Final = 600
"""Pixels, the width that mail programs show without scrolling."""


def html(message: Message) -> str:
    """Return a message as a whole HTML document; everything that came from outside is escaped."""
    color = color_of(message)
    rows = "".join(_part(part, color) for part in message.parts)
    listed = f'<h2 style="margin:24px 0 8px;font-size:15px">{escape(message.heading)}</h2>{_table(rows)}'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light">'
        f"<title>{escape(message.headline)}</title></head>"
        f'<body style="margin:0;padding:16px;background:#f2f4f6;{_FONT};font-size:15px;line-height:1.45;color:#1b222a">'
        f'<table role="presentation" align="center" width="{_WIDTH}" cellspacing="0" cellpadding="0" '
        f'style="width:100%;max-width:{_WIDTH}px;background:#fff;border-top:4px solid {color};border-radius:4px">'
        f'<tr><td style="padding:20px 24px 24px">{_head(message, color)}{_facts(message)}'
        f"{listed if rows else ''}{_notes(message)}{_foot(message, color)}</td></tr></table></body></html>"
    )


def _head(message: Message, color: str) -> str:
    word = message.severity if message.phase == "firing" else message.phase
    text = escape(message.text).replace("\n", "<br>")
    return (
        f'<div style="font-size:12px;font-weight:600;letter-spacing:.05em;text-transform:uppercase;color:{color}">'
        f'{escape(word)}</div><h1 style="margin:4px 0 12px;font-size:20px;line-height:1.3">{escape(message.title)}</h1>'
        f'<p style="margin:0 0 16px">{text}</p>'
    )


def _facts(message: Message) -> str:
    return _table(
        "".join(
            f'<tr><td style="padding:2px 16px 2px 0;{_SOFT};white-space:nowrap;vertical-align:top">{escape(name)}</td>'
            f'<td width="100%" style="padding:2px 0;word-break:break-word">{escape(value)}</td></tr>'
            for name, value in message.facts
        )
    )


def _part(part: Part, color: str) -> str:
    text = escape(part.text)
    if part.link:
        text = f'<a href="{escape(part.link)}" style="color:#1b222a">{text}</a>'
    note = f'<div style="font-size:13px;{_SOFT}">{escape(part.note)}</div>' if part.note else ""
    share = "" if part.share is None else _share(part.share, color)
    return (
        f"<tr>{share}"
        f'<td width="100%" style="padding:6px 0;vertical-align:top;word-break:break-word">{text}{note}</td></tr>'
    )


def _share(share: float, color: str) -> str:
    """Return a bar of a hundred pixels, and the number beside it for those who do not see it."""
    full = min(max(round(share), 1), 100)
    return (
        f'<td style="padding:9px 8px 6px 0;vertical-align:top"><div style="width:100px;background:#e6eaee;'
        f'border-radius:2px"><div style="width:{full}px;height:10px;background:{color};border-radius:2px"></div>'
        f'</div></td><td align="right" style="padding:6px 16px 6px 0;white-space:nowrap;vertical-align:top">'
        f"{share:.0f} %</td>"
    )


def _notes(message: Message) -> str:
    return "".join(f'<p style="margin:8px 0 0;font-size:13px;{_SOFT}">{escape(note)}</p>' for note in message.notes)


def _foot(message: Message, color: str) -> str:
    if not message.link:
        return f'<p style="margin:20px 0 0;font-size:13px;{_SOFT}">Read on: <code>{escape(message.command)}</code></p>'
    return (
        f'<p style="margin:20px 0 0"><a href="{escape(message.link)}" style="display:inline-block;padding:9px 16px;'
        f'background:{color};color:#fff;text-decoration:none;border-radius:4px">Open in Vedette</a></p>'
    )


def _table(rows: str) -> str:
    return f'<table role="presentation" width="100%" cellspacing="0" cellpadding="0">{rows}</table>'
