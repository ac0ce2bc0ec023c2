"""``vedette notify``: where messages go, and whether they get there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.output import document, hint, printable

if TYPE_CHECKING:
    from vedette.config.schema import Config

config_option = click.option("--config", "config_path", type=click.Path(path_type=Path), help="Path of vedette.toml.")


@click.group()
def notify() -> None:
    """List the channels of notifications, and send a test to them. No server is needed."""


@notify.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def channels(config_path: Path | None, as_json: bool) -> None:
    """List the channels of the configuration; secrets are not shown."""
    from vedette.engine.receivers import describe, target_of

    found = describe(_load(config_path).notify)
    if as_json:
        document(found)
        return
    for name, described in found.items():
        click.echo(f"{name}\t{described['type']}\t{target_of(described)}")
    if not found:
        hint("no channels; see docs/notifications.md")


@notify.command()
@click.argument("channel", required=False)
@config_option
def test(channel: str | None, config_path: Path | None) -> None:
    """Send a test message to CHANNEL, or to all. Exit code 3 if one did not take it."""
    from vedette.engine.clock import now
    from vedette.engine.receivers import make_notifiers, try_out
    from vedette.notify.base import DeliveryFailed

    known = {notifier.name: notifier for notifier in make_notifiers(_load(config_path).notify)}
    if not known or (channel is not None and channel not in known):
        raise click.UsageError(f"no channel {channel or 'at all'}; there are: {', '.join(known) or 'none'}")
    failed = False
    for name in [channel] if channel else known:
        try:
            try_out(known[name], now())
        except DeliveryFailed as error:
            failed = True
            click.echo(f"{name}\tfailed: {printable(str(error))}")
        else:
            click.echo(f"{name}\tdelivered")
    if failed:
        sys.exit(3)


def _load(path: Path | None) -> Config:
    from vedette.config.load import load

    return load(path)
