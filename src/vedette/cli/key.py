"""``vedette key``: API keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.output import hint

if TYPE_CHECKING:
    from vedette.receive.keys import Keys

data_option = click.option("--data", type=click.Path(path_type=Path), help="Data folder.")


@click.group()
def key() -> None:
    """Create, list and revoke API keys. Without any key the server is for this machine only."""


@key.command()
@click.option("--name", default="", help="What it is for.")
@click.option("--scope", "scopes", multiple=True, default=("ingest",), show_default=True, help="Repeatable.")
@data_option
def create(name: str, scopes: tuple[str, ...], data: Path | None) -> None:
    """Create a key and print it; it is not shown again."""
    click.echo(_keys(data).create(name, scopes))
    hint("send it as: Authorization: Bearer vdt_…")


@key.command("list")
@data_option
def list_keys(data: Path | None) -> None:
    """List keys, without their secrets."""
    for one in _keys(data).all():
        click.echo(f"{one.id}\t{','.join(one.scopes)}\t{one.name}")


@key.command()
@click.argument("identity")
@data_option
def revoke(identity: str, data: Path | None) -> None:
    """Revoke a key by its id."""
    if not _keys(data).revoke(identity):
        raise click.ClickException(f"no key {identity!r}; see vedette key list")


def _keys(data: Path | None) -> Keys:
    from vedette.cli.up import overrides
    from vedette.config.load import load
    from vedette.receive.keys import Keys

    return Keys(Path(load(None, overrides=overrides(data, None)).data.folder) / "keys.json")
