"""``vedette demo``: server, shop, traffic and an attack in one command; what ``make run`` runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import click

from vedette.cli.output import hint
from vedette.cli.shop import shop_options
from vedette.cli.up import overrides

BANK = ("days", "rate", "attack_after", "duration", "seed")
"""Options of the shop's story that the bank's has, too."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: a new temporary one).")
@click.option("--listen", default="127.0.0.1:4318", show_default=True, help="Address of the page and of OTLP.")
@click.option("--window", default="30s", show_default=True, help="Length of a window.")
@click.option(
    "--story",
    type=click.Choice(["shop", "bank"]),
    default="shop",
    show_default=True,
    help="bank: a new release, taken for one, and an injection; takes days, rate, attack-after, duration and seed.",
)
@shop_options
def demo(data: Path | None, listen: str, window: str, story: str, **options: Any) -> None:
    """Watch the bundled shop: the server learns from its history, then an attack begins.

    Within two minutes the attack is an incident on the page and in `vedette incidents`. Ctrl-C ends all.
    """
    from vedette.cli.serve import Service
    from vedette.config.load import load
    from vedette.kernels import quiet_threads

    quiet_threads()
    folder = data or Path(mkdtemp(prefix="vedette-demo-"))
    more = {"features.window": window, "features.lateness": "3s"}
    service = Service(load(None, overrides={**overrides(folder, listen), **more}), hint)
    click.echo(f"Vedette watches the {story}: open {service.url}", err=True)
    hint(f"data in {folder}; Ctrl-C ends the demonstration")
    watched = _watched(story, service.url, options)
    try:
        service.run()
    finally:
        try:
            watched.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            watched.kill()


def _watched(story: str, url: str, options: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the shop or the bank in a process of its own, as a watched application is.

    It ends with its standard input, so also where this process is killed and can't end it.
    """
    kept = options if story == "shop" else {name: options[name] for name in BANK}
    words = [word for name, value in kept.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", "vedette.cli.main", story, "--attended", "--endpoint", url, *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE)
