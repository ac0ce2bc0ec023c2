"""``vedette indicators``: lists of indicators of compromise brought in, listed, asked, removed."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.listing import config_of, data_option, json_option, listed
from vedette.cli.moments import LENGTH
from vedette.cli.output import document, hint, printable
from vedette.errors import BadInput

if TYPE_CHECKING:
    from vedette.indicators.delimited import Choices
    from vedette.indicators.kept import Feed
    from vedette.indicators.model import Indicator, Reading

PASSWORD = "VEDETTE_TAXII_PASSWORD"
TOKEN = "VEDETTE_TAXII_TOKEN"


@click.group()
def indicators() -> None:
    """Bring lists of indicators in, list, ask and remove them. Servers read them at the start and at 'rules reload'."""


@indicators.command()
@click.argument("source")
@click.option("--name", help="What to call the list; an older one is replaced. Else made of SOURCE's name.")
@click.option(
    "--level",
    type=click.Choice(["informational", "low", "medium", "high", "critical"]),
    default="medium",
    show_default=True,
    help="Of what has no severity and no confidence of its own.",
)
@click.option("--valid-for", "lasting", type=LENGTH, help="How long what has no end of its own is valid, such as 30d.")
@click.option("--user", default="", help=f"For a TAXII server; the password is in {PASSWORD}, or a token in {TOKEN}.")
@click.option("--reserved", is_flag=True, help="Take addresses of private, documentation and other special ranges.")
@click.option("--apply", "applied", is_flag=True, help="Take the list in; without it, nothing is changed.")
@json_option
@data_option
def add(
    source: str,
    name: str | None,
    level: str,
    lasting: int | None,
    user: str,
    reserved: bool,
    applied: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Compare the indicators in SOURCE with those of the list; with --apply, take them in.

    SOURCE is a file (CSV, one value a line, a STIX bundle) or the address of a TAXII 2.1 collection.
    """
    from vedette.indicators.delimited import Choices
    from vedette.indicators.index import Index
    from vedette.indicators.kept import compare, feed_at, keep, merged, place_of, retired

    folder = _folder(data)
    called = name or _name_of(source)
    kept = place_of(folder, called)
    now = time.time_ns()
    reading = _read(source, Choices(level, lasting, now, reserved), user)
    found = merged(reading.found)
    if not found:
        causes = "; ".join(map(str, reading.faults[:3]))
        raise BadInput("no_usable_indicators", detail=f"{source}: {causes or 'nothing in it is looked up'}")
    old = _kept(kept)
    change = compare(old, called, found, now)
    if applied:
        gone = [] if old is None else retired(old, called, found, now)
        path = keep(folder, called, [*found, *gone], {"source": source, "added_at": str(now)})
        Index([feed_at(path)]).holding(found[0].value)  # compiles what the server then only loads
    parts = {"added": change.added, "changed": change.changed}
    if as_json:
        document(
            {"list": called, "applied": applied, "indicators": len(found)}
            | {word: [_brief(one) for one in part] for word, part in parts.items()}
            | {"removed": [*change.removed], "left_out": [str(fault) for fault in reading.faults]}
            | {"passed_over": reading.passed, "repeated": len(reading.found) - len(found)}
        )
        return
    for word, part in parts.items():
        listed(word, [f"{one.kind.word} {one.shown}  {one.level}  {one.label}" for one in part])
    listed("removed", [*change.removed])
    listed("left out", [str(fault) for fault in reading.faults])
    _counted(reading, len(found))
    done = f"taken in as '{called}'; a server reads it when it starts, or at 'vedette rules reload'"
    hint(done if applied else "nothing was changed; add --apply")


@indicators.command("list")
@json_option
@data_option
def list_feeds(as_json: bool, data: Path | None) -> None:
    """List the lists in force: indicators, those that have expired by now, source."""
    from vedette.indicators.kept import feed_at, feeds_in
    from vedette.records.time import rfc3339

    items: list[dict[str, Any]] = []
    for path in feeds_in(_folder(data)).values():
        feed = feed_at(path)
        expired = int((feed.table["until"].to_numpy() <= time.time_ns()).sum())
        items.append(
            {
                "list": feed.name,
                "indicators": feed.table.num_rows,
                "expired": expired,
                "source": feed.about["source"],
                "added_at": rfc3339(int(feed.about["added_at"])),
            }
        )
    if as_json:
        document({"items": items})
        return
    for one in items:
        counts = f"{one['indicators']} indicators, {one['expired']} of them expired"
        click.echo(f"{one['list']}: {counts}; {printable(one['source'])}, {one['added_at'][:16]}")


@indicators.command()
@click.argument("value")
@json_option
@data_option
def check(value: str, as_json: bool, data: Path | None) -> None:
    """Say which lists name VALUE: an address, domain, URL, hash, or a whole line of a log. Exit code 1 if any does."""
    from vedette.assembly import make_indicators

    index = make_indicators(config_of(data))
    found = [index.indicator(entry) for entry in index.holding(value)]
    if as_json:
        document({"items": [_brief(one) | _rest(one) for one in found]})
    for one in [] if as_json else found:
        click.echo(printable(_line(one)))
    if not found and not as_json:
        click.echo("no list in force names it")
    if found:
        raise click.exceptions.Exit(1)


@indicators.command()
@click.argument("name")
@data_option
def remove(name: str, data: Path | None) -> None:
    """Remove the list NAME; a running server keeps it until 'vedette rules reload'."""
    from vedette.indicators.kept import feeds_in

    feeds = feeds_in(_folder(data))
    if name not in feeds:
        raise BadInput("unknown_list", detail=f"got {name!r}, expected one of: {', '.join(feeds) or 'none was added'}")
    feeds[name].unlink()
    click.echo(f"removed the list '{name}'")


def _read(source: str, choices: Choices, user: str) -> Reading:
    """Return what is in a file or a collection; what is JSON is STIX."""
    from vedette.indicators import delimited, stix
    from vedette.receive import taxii

    if taxii.is_address(source):
        secret, token = os.environ.get(PASSWORD, ""), os.environ.get(TOKEN, "")
        return stix.read(taxii.collection(source, user=user, password=secret, token=token), source, choices)
    path = Path(source)
    text = _text(path)
    if re.match(r"\s*(\{|\[\s*\{)", text):
        return stix.read(stix.objects_in(text, path.name), path.name, choices)
    return delimited.read(text, path.name, choices)


def _text(path: Path) -> str:
    from vedette.indicators.delimited import LARGEST

    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise BadInput("unreadable_list", detail=f"{path}: {error.strerror or error}") from error
    if len(data) > LARGEST:
        raise BadInput("list_too_large", detail=f"{path}: more than {LARGEST} bytes")
    return data.decode("utf-8", "replace")


def _kept(path: Path) -> Feed | None:
    """Return the list that is there; one that is damaged is as none, since it is about to be replaced."""
    from vedette.indicators.kept import feed_at

    if not path.exists():
        return None
    try:
        return feed_at(path)
    except BadInput as error:
        hint(f"the list that is there can't be read, and is taken for empty: {error}")
        return None


def _name_of(source: str) -> str:
    """Return a name made of a source's, of the letters that names may have."""
    stem = Path(source.rstrip("/")).name.partition(".")[0].lower()
    return "-".join(part for part in re.split(r"[^a-z0-9]+", stem) if part)[:40] or "list"


def _counted(reading: Reading, kept: int) -> None:
    for reason, count in reading.passed.items():
        click.echo(f"passed over: {count}, {printable(reason)}")
    if len(reading.found) > kept:
        click.echo(f"repeated: {len(reading.found) - kept}")


def _brief(one: Indicator) -> dict[str, Any]:
    return {"type": one.kind.word, "value": one.shown, "label": one.label, "level": one.level}


def _rest(one: Indicator) -> dict[str, Any]:
    from vedette.indicators.words import facts

    return {"list": one.feed, "techniques": [*one.techniques], "facts": facts(one)}


def _line(one: Indicator) -> str:
    from vedette.indicators.words import facts, title

    return "; ".join([title(one), *facts(one)])


def _folder(data: Path | None) -> Path:
    return Path(config_of(data).data.folder)
