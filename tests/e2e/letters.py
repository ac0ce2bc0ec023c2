"""Payloads for chat and paging services as pages, near to how the services show them."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any, Final

Document = dict[str, Any]

_PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title><style>
body {{ margin: 0; padding: 16px; font: 15px/1.46 Lato, "Segoe UI", Arial, sans-serif; {colors} }}
a {{ color: {link}; }} p {{ margin: 0 0 8px; }} code {{ font: 12px monospace; {code} }}
.bar {{ border-left: 4px solid; border-radius: 2px; padding-left: 12px; margin-top: 4px; }}
.two {{ display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 8px; margin-bottom: 8px; }}
.context {{ font-size: 13px; {soft} margin-bottom: 8px; }}
.button {{ display: inline-block; padding: 4px 12px; border: 1px solid; border-radius: 4px; text-decoration: none; }}
.card {{ max-width: 700px; border: 1px solid #ccc; border-radius: 4px; padding: 12px 16px; }}
.row {{ display: flex; gap: 10px; margin-bottom: 4px; }} .row > :last-child {{ flex: 1; min-width: 0; }}
.subtle {{ {soft} }} .small {{ font-size: 12px; }} .large {{ font-size: 18px; }} .bolder {{ font-weight: 600; }}
.monospace {{ font-family: monospace; white-space: nowrap; }}
.attention {{ background: #fde7e9; color: #a4262c; }} .warning {{ background: #fff4ce; color: #6b4e00; }}
.good {{ background: #dff6dd; color: #0b5a08; }} .accent {{ background: #e5f1fb; color: #004578; }}
.default {{ background: #f3f2f1; color: #252423; }}
.head {{ margin: -12px -16px 8px; padding: 10px 16px; }}
table {{ border-collapse: collapse; width: 100%; }}
th {{ white-space: nowrap; }} td, th {{ text-align: left; vertical-align: top; padding: 3px 12px 3px 0; }}
* {{ overflow-wrap: anywhere; box-sizing: border-box; }}
</style></head><body>{body}</body></html>"""

LIGHT: Final = {
    "colors": "background: #fff; color: #1d1c1d;",
    "link": "#1264a3",
    "soft": "color: #616061;",
    "code": "background: #f6f6f6; color: #c01343; padding: 1px 3px;",
}
DARK: Final = {
    "colors": "background: #1a1d21; color: #d1d2d3;",
    "link": "#1d9bd1",
    "soft": "color: #ababad;",
    "code": "background: #222529; color: #e8912d; padding: 1px 3px;",
}


def page(body: str, title: str, dark: bool = False) -> str:
    """Return a whole document."""
    return _PAGE.format(body=body, title=escape(title), **(DARK if dark else LIGHT))


def slack_page(payload: Document, dark: bool = False) -> str:
    """Return a message of an incoming webhook: its text, and beneath it the attachments with a colored edge."""
    said = f"<p><b>Vedette</b> <span class='small subtle'>APP 11:05</span><br>{_mrkdwn(payload['text'])}</p>"
    for one in payload["attachments"]:
        blocks = "".join(map(_block, one["blocks"]))
        said += f"<div class='bar' style='border-color:{one['color']}'>{blocks}</div>"
    return page(f"<main>{said}</main>", "Slack", dark)


def _block(block: Document) -> str:
    if block["type"] == "header":
        return f"<p class='large bolder'>{escape(block['text']['text'])}</p>"
    if block["type"] == "section" and "fields" in block:
        fields = "".join(f"<div>{_mrkdwn(one['text'])}</div>" for one in block["fields"])
        return f"<div class='two'>{fields}</div>"
    if block["type"] == "section":
        return f"<p>{_mrkdwn(block['text']['text'])}</p>"
    if block["type"] == "context":
        return f"<div class='context'>{'<br>'.join(_mrkdwn(one['text']) for one in block['elements'])}</div>"
    links = (f"<a class='button' href='{one['url']}'>{escape(one['text']['text'])}</a>" for one in block["elements"])
    return f"<p>{' '.join(links)}</p>"


def _mrkdwn(text: str) -> str:
    """Return Slack's markup as HTML; emphasis is only what stands between other characters than letters."""
    text = escape(unescape(re.sub(r"<(https?:[^|>]+)\|([^>]*)>", "\x01\\1\x02\\2\x03", text)))
    for mark, tag in (("*", "b"), ("_", "i"), ("`", "code")):
        escaped = re.escape(mark)
        text = re.sub(
            rf"(?<![\w{escaped}]){escaped}([^{escaped}\n]+?){escaped}(?![\w{escaped}])", rf"<{tag}>\1</{tag}>", text
        )
    text = re.sub("\x01(.*?)\x02(.*?)\x03", r'<a href="\1">\2</a>', text)
    return text.replace("\n", "<br>")


def teams_page(payload: Document) -> str:
    """Return an Adaptive Card as Teams shows it in a channel."""
    (attachment,) = payload["attachments"]
    card = attachment["content"]
    links = "".join(f"<a class='button' href='{one['url']}'>{one['title']}</a> " for one in card.get("actions", []))
    return page(f"<main class='card'>{''.join(map(_element, card['body']))}{links}</main>", "Teams")


def _element(one: Document) -> str:
    if one["type"] == "TextBlock":
        names = [
            one.get("size", ""),
            one.get("weight", ""),
            one.get("fontType", ""),
            "subtle" if one.get("isSubtle") else "",
        ]
        return f"<p class='{' '.join(names)}'>{_markdown(one['text'])}</p>"
    if one["type"] == "Container":
        return f"<div class='head {one['style']}'>{''.join(map(_element, one['items']))}</div>"
    if one["type"] == "FactSet":
        facts = (f"<tr><th>{escape(row['title'])}</th><td>{_markdown(row['value'])}</td></tr>" for row in one["facts"])
        return f"<table>{''.join(facts)}</table>"
    columns = "".join(f"<div>{''.join(map(_element, column['items']))}</div>" for column in one["columns"])
    return f"<div class='row'>{columns}</div>"


def _markdown(text: str) -> str:
    return re.sub(r"\\([\\`*_\[\]])", r"\1", escape(text))


def pagerduty_page(event: Document) -> str:
    """Return an event as an incident's page of PagerDuty: summary, and the details as a table."""
    inside = event["payload"]
    facts = {name: value for name, value in inside.items() if name not in ("summary", "custom_details")}
    rows = "".join(_detail(name, value) for name, value in (facts | inside["custom_details"]).items())
    links = "".join(f"<a href='{one['href']}'>{escape(one['text'])}</a>" for one in event.get("links", []))
    return page(f"<main><h1>{escape(inside['summary'])}</h1>{links}<table>{rows}</table></main>", "PagerDuty")


def _detail(name: str, value: Any) -> str:
    shown = "<br>".join(escape(str(one)) for one in value) if isinstance(value, list) else escape(str(value))
    return f"<tr><th>{escape(name)}</th><td>{shown}</td></tr>"
