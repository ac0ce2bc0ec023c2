"""``vedette silence``: tell nobody of some incidents for a time."""

from __future__ import annotations

import getpass
import re
from typing import Any, Final
from urllib.parse import quote

import click

from vedette.cli.client import get, send, server_options
from vedette.cli.moments import LENGTH, MOMENT, sent
from vedette.cli.output import document, hint, printable

_MATCHER: Final = re.compile(r"(\w+)(=~|!~|!=|=)(.*)", re.DOTALL)


@click.group()
def silence() -> None:
    """Silences keep notifications back; incidents are found and listed as ever."""


@silence.command()
@click.argument("matchers", nargs=-1, required=True)
@click.option("--start", type=MOMENT, default="now", show_default=True)
@click.option("--for", "length", type=LENGTH, default="2h", show_default=True, help="30m, 8h, 2d.")
@click.option("--comment", required=True, help="Why.")
@click.option("--author", default="", help="Who; your user name by default.")
@server_options
def add(matchers: tuple[str, ...], start: int, length: int, comment: str, author: str, url: str, key: str) -> None:
    """Silence incidents that fulfil all MATCHERS, such as service=shop, severity!=critical or segment=~"shop .*".

    Labels: alertname, incident, segment, service, kind, severity.
    """
    body = {
        "matchers": [matcher_of(text) for text in matchers],
        "startsAt": sent(start),
        "endsAt": sent(start + length),
        "createdBy": author or getpass.getuser(),
        "comment": comment,
    }
    click.echo(send(url, "POST", "silences", key, body)["silenceID"])


@silence.command("list")
@click.option("--json", "as_json", is_flag=True, help='One JSON document: {"items": […]}.')
@server_options
def list_silences(as_json: bool, url: str, key: str) -> None:
    """List silences that are ahead, active, or ended within 30 days."""
    found = get(url, "silences", key)
    if as_json:
        document(found)
        return
    for one in found["items"]:
        fits = " ".join(map(_shown, one["matchers"]))
        row = (one["id"], one["status"]["state"], one["endsAt"], fits, one["createdBy"], one["comment"])
        click.echo("\t".join(map(printable, row)))
    if not found["items"]:
        hint("no silences")


@silence.command()
@click.argument("identity")
@server_options
def end(identity: str, url: str, key: str) -> None:
    """End a silence now."""
    send(url, "DELETE", f"silences/{quote(identity, safe='')}", key)


def matcher_of(text: str) -> dict[str, Any]:
    """Return the matcher that a text such as ``service=~"shop|web"`` means.

    >>> matcher_of('severity!="critical"')
    {'name': 'severity', 'value': 'critical', 'isRegex': False, 'isEqual': False}
    """
    match = _MATCHER.fullmatch(text)
    if match is None:
        raise click.UsageError(f"matcher: got {text!r}, expected one such as service=shop or segment=~'shop .*'")
    value = match[3]
    value = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    return {"name": match[1], "value": value, "isRegex": "~" in match[2], "isEqual": match[2][0] == "="}


def _shown(matcher: dict[str, Any]) -> str:
    sign = ("=" if matcher["isEqual"] else "!") + ("~" if matcher["isRegex"] else "" if matcher["isEqual"] else "=")
    return f"{matcher['name']}{sign}{matcher['value']}"
