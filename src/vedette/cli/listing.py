"""What the commands about rules and lists of indicators share: options, long lists, rules in brief."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vedette.cli.output import printable

if TYPE_CHECKING:
    from vedette.config.schema import Config
    from vedette.rules.model import Correlation, Rule

data_option = click.option("--data", type=click.Path(path_type=Path), help="Data folder.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
MOST_SHOWN: Final = 20


def listed(word: str, lines: list[str]) -> None:
    """Print how many lines there are, and the first of them."""
    click.echo(f"{word}: {len(lines)}")
    for line in lines[:MOST_SHOWN]:
        click.echo(f"  {printable(line)}")
    if len(lines) > MOST_SHOWN:
        click.echo(f"  … {len(lines) - MOST_SHOWN} more, all with --json")


def brief(one: Rule | Correlation) -> dict[str, Any]:
    """Return what tells a rule from others."""
    return {"id": one.head.id, "title": one.head.title, "level": one.head.level, "author": one.head.author}


def config_of(data: Path | None) -> Config:
    """Return the configuration in force, with another data folder if one is given."""
    from vedette.cli.up import overrides
    from vedette.config.load import load

    return load(None, overrides=overrides(data, None))
