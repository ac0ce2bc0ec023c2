"""A message as an HTML mail: tables and inline styles, since mail programs know little else.

What is by class alone (dark grounds, narrow pages) is for programs that know media queries; without them the mail is
light and as wide as it was.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from vedette.notify.look import BY_NIGHT, color_of, tone_of
from vedette.notify.message import Message, Part

_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_SOFT: Final = "color:#55606b"
_WIDTH: Final = 600
"""Pixels, the width that mail programs show without scrolling."""

_NARROW: Final = 480
"""Pixels below which there is no room for bars beside their text."""

_NUMBER: Final = re.compile(
    r"(?<![\w.])[≤≥]? ?\d[\d.,]{0,15}(?:–\d[\d.,]{0,15})?(?: (?:%|[µnm]?s|min|h|[KMG]i?B|B)\b| %)?"
)
"""A number or range with its unit: a line break within is hard to read."""


def html(message: Message) -> str:
    """Return a message as a whole HTML document; everything that came from outside is escaped."""
    color = color_of(message)
    rows = "".join(_part(part, color) for part in message.parts)
    listed = f'<h2 style="margin:24px 0 8px;font-size:15px">{escape(message.heading)}</h2>{_table(rows)}'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(message.headline)}</title>{_styles(message)}</head>"
        f'<body class="ground" style="margin:0;padding:16px;background:#f2f4f6;{_FONT};font-size:15px;line-height:1.45;'
        f'color:#1b222a"><table role="presentation" class="sheet" align="center" width="{_WIDTH}" cellspacing="0" '
        f'cellpadding="0" style="width:100%;max-width:{_WIDTH}px;background:#fff;border-top:4px solid {color};'
        f'border-radius:4px;word-break:break-word"><tr><td class="inner" style="padding:20px 24px 24px">'
        f"{_head(message, color)}{_facts(message)}{listed if rows else ''}{_notes(message)}{_foot(message, color)}"
        "</td></tr></table></body></html>"
    )


def _styles(message: Message) -> str:
    return (
        "<style>@media (prefers-color-scheme: dark) {"
        ".ground { background: #12161b !important; color: #e3e8ed !important; }"
        ".sheet { background: #1d232a !important; } .soft { color: #a9b4bf !important; }"
        f".tone {{ color: {BY_NIGHT[tone_of(message)]} !important; }} .link {{ color: #e3e8ed !important; }}"
        ".track { background: #39434d !important; } }"
        f"@media (max-width: {_NARROW}px) {{ .ground {{ padding: 8px !important; }}"
        " .inner { padding: 16px !important; } .bar { display: none !important; } }</style>"
    )


def _head(message: Message, color: str) -> str:
    text = "<br>".join(map(_kept, message.text.split("\n")))
    return (
        '<div class="tone" style="font-size:12px;font-weight:600;letter-spacing:.05em;text-transform:uppercase;'
        f'color:{color}">{escape(tone_of(message))}</div>'
        f'<h1 style="margin:4px 0 12px;font-size:20px;line-height:1.3">{_kept(message.title)}</h1>'
        f'<p style="margin:0 0 16px">{text}</p>'
    )


def _facts(message: Message) -> str:
    return _table(
        "".join(
            f'<tr><td class="soft" style="padding:2px 16px 2px 0;{_SOFT};white-space:nowrap;vertical-align:top">'
            f'{escape(name)}</td><td width="100%" style="padding:2px 0">{escape(value)}</td></tr>'
            for name, value in message.facts
        )
    )


def _part(part: Part, color: str) -> str:
    text = _kept(part.text)
    if part.link:
        text = f'<a class="link" href="{escape(part.link)}" style="color:#1b222a">{text}</a>'
    note = f'<div class="soft" style="font-size:13px;{_SOFT}">{_kept(part.note)}</div>' if part.note else ""
    share = "" if part.share is None else _share(part.share, color)
    return f'<tr>{share}<td width="100%" style="padding:6px 0;vertical-align:top">{text}{note}</td></tr>'


def _share(share: float, color: str) -> str:
    """Return a bar of a hundred pixels, and the number beside it for those who do not see it."""
    full = min(max(round(share), 1), 100)
    return (
        '<td class="bar" style="padding:9px 8px 6px 0;vertical-align:top"><div class="track" style="width:100px;'
        f'background:#e6eaee;border-radius:2px"><div style="width:{full}px;height:10px;background:{color};'
        'border-radius:2px"></div></div></td>'
        '<td align="right" style="padding:6px 16px 6px 0;white-space:nowrap;vertical-align:top">'
        f"{share:.0f} %</td>"
    )


def _notes(message: Message) -> str:
    style = f"margin:8px 0 0;font-size:13px;{_SOFT}"
    return "".join(f'<p class="soft" style="{style}">{_kept(note)}</p>' for note in message.notes)


def _foot(message: Message, color: str) -> str:
    if not message.link:
        command = f"<code>{escape(message.command)}</code>"
        return f'<p class="soft" style="margin:20px 0 0;font-size:13px;{_SOFT}">Read on: {command}</p>'
    return (
        f'<p style="margin:20px 0 0"><a href="{escape(message.link)}" style="display:inline-block;padding:9px 16px;'
        f'background:{color};color:#fff;text-decoration:none;border-radius:4px">Open in Vedette</a></p>'
    )


def _table(rows: str) -> str:
    return f'<table role="presentation" width="100%" cellspacing="0" cellpadding="0">{rows}</table>'


def _kept(text: str) -> str:
    """Return text, escaped, in which numbers, ranges and their units stay on one line.

    >>> _kept("<normally 0.29–0.41 s>")
    '&lt;normally <span style="white-space:nowrap">0.29–0.41 s</span>&gt;'
    """
    return _NUMBER.sub(_unbroken, escape(text))


def _unbroken(number: re.Match[str]) -> str:
    inside = number[0].lstrip(" ")
    lead = " " * (len(number[0]) - len(inside))
    breaks = " " in inside or "–" in inside
    return f'{lead}<span style="white-space:nowrap">{inside}</span>' if breaks else number[0]
