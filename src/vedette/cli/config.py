"""``vedette config``: what is in force, and where it comes from."""

from __future__ import annotations

from pathlib import Path

import click

from vedette.cli.output import document


@click.group()
def config() -> None:
    """Show the configuration."""


@config.command()
@click.option("--origin", is_flag=True, help="Also say where each value comes from.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Path of vedette.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(origin: bool, config_path: Path | None, as_json: bool) -> None:
    """Print every option's value; problems are listed all at once, with their lines."""
    from vedette.config.load import load
    from vedette.config.shown import shown
    from vedette.config.values import OPTIONS

    loaded = load(config_path)
    rows = {name: shown(loaded, name) for name in OPTIONS}
    if as_json:
        document(
            {name: {"value": value, "origin": loaded.origins.get(name, "default")} for name, value in rows.items()}
        )
        return
    for name, value in rows.items():
        click.echo(f"{name}\t{value}" + (f"\t{loaded.origins.get(name, 'default')}" if origin else ""))
