"""``vedette rules``: sets of Sigma rules brought in, listed, shown, removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.client import send, server_options
from vedette.cli.listing import brief, config_of, data_option, json_option, listed
from vedette.cli.output import document, printable
from vedette.cli.rules_add import add
from vedette.errors import BadInput

if TYPE_CHECKING:
    from vedette.config.schema import Config
    from vedette.rules.model import Correlation, Rule

COMPILING = 120.0
"""Seconds in which a server compiles thousands of rules on a slow machine."""


@click.group()
def rules() -> None:
    """Bring Sigma rules in, list, show and remove them. A server reads them when it starts, and at 'reload'."""


@rules.command("list")
@json_option
@data_option
def list_sets(as_json: bool, data: Path | None) -> None:
    """List the rules in force by where they come from: our own, configured, added."""
    from vedette.rules.load import load

    found = []
    for name, kind, path in _sources(config_of(data)):
        loaded = load([path])
        found.append(
            {
                "set": name,
                "from": kind,
                "rules": len(loaded.rules),
                "correlations": len(loaded.correlations),
                "left_out": len(loaded.problems),
            }
        )
    if as_json:
        document({"items": found})
        return
    for one in found:
        counts = f"{one['rules']} rules, {one['correlations']} correlations, {one['left_out']} left out"
        click.echo(f"{one['from']:<11} {printable(str(one['set']))}: {counts}")


@rules.command()
@click.argument("rule")
@json_option
@data_option
def show(rule: str, as_json: bool, data: Path | None) -> None:
    """Show RULE, an id or a title: level, author, license, techniques, file, what else it may be."""
    from vedette.rules.load import load

    for name, _, path in _sources(config_of(data)):
        loaded = load([path])
        every: tuple[Rule | Correlation, ...] = (*loaded.rules, *loaded.correlations)
        for one in every:
            if rule.lower() in (one.head.id.lower(), one.head.title.lower()):
                shown = _described(one, name)
                if as_json:
                    document(shown)
                    return
                for word, value in shown.items():
                    text = ", ".join(value) if isinstance(value, list) else value
                    click.echo(f"{word:<15} {printable(text)}")
                return
    raise BadInput("unknown_rule", detail=f"got {rule!r}, expected the id or the title of a rule in force")


@rules.command()
@click.argument("name")
@data_option
def remove(name: str, data: Path | None) -> None:
    """Remove the set NAME that was added; a running server keeps it until 'vedette rules reload'."""
    from vedette.rules.added import sets_in

    sets = sets_in(Path(config_of(data).data.folder))
    if name not in sets:
        raise BadInput("unknown_set", detail=f"got {name!r}, expected one of: {', '.join(sets) or 'none was added'}")
    sets[name].unlink()
    click.echo(f"removed the set '{name}'")


@rules.command()
@json_option
@server_options
def reload(as_json: bool, url: str, key: str) -> None:
    """Have a running server read its rules again; it keeps the old ones if the new can't be compiled."""
    told = send(url, "POST", "rules/reload", key, patience=COMPILING)
    if as_json:
        document(told)
        return
    click.echo(rules_sentence(told))
    listed("left out", told["left_out"])


def rules_sentence(told: dict[str, Any]) -> str:
    """Return in words what reading the rules again did, as `vedette.engine.rules.RulesInUse.reload` tells it."""
    changes = f"{told['added']} added, {told['changed']} changed, {told['removed']} removed"
    left_out = f"; {len(told['left_out'])} left out" if told["left_out"] else ""
    force = f"{told['rules']} rules, {told['correlations']} correlations and {told['indicators']} indicators in force"
    return f"{force}: {changes}{left_out}"


def _sources(config: Config) -> Iterator[tuple[str, str, Path]]:
    """Yield name, kind and place of every set in force."""
    from vedette.rules.added import sets_in
    from vedette.rules.load import PACK

    if config.rules.own:
        yield "vedette", "own", PACK
    for path in config.rules.paths:
        yield path, "configured", Path(path).expanduser()
    for name, place in sets_in(Path(config.data.folder)).items():
        yield name, "added", place


def _described(one: Rule | Correlation, name: str) -> dict[str, Any]:
    head = one.head
    return brief(one) | {
        "license": head.license,
        "status": head.status,
        "techniques": [*head.techniques],
        "false positives": [*head.falsepositives],
        "references": [*head.references],
        "set": name,
        "file": head.file,
    }


rules.add_command(add)
