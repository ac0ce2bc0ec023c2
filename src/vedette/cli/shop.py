"""``vedette shop``: the bundled shop and its traffic, sent to a running server."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Any

import click

from vedette.cli.client import Unreachable
from vedette.cli.output import Progress, hint

SHOP_OPTIONS = [
    click.option("--days", default=3.0, show_default=True, help="Days of history to learn from."),
    click.option("--rate", default=2.0, show_default=True, help="Requests a second, averaged over a day."),
    click.option(
        "--attack",
        type=click.Choice(["sqli", "login_guessing", "scan", "slow_checkout", "error_burst", "none"]),
        default="sqli",
        show_default=True,
        help="What happens to the shop.",
    ),
    click.option("--attack-after", default=10.0, show_default=True, help="Seconds of live traffic before it."),
    click.option("--attack-for", default=300.0, show_default=True, help="Its length in seconds."),
    click.option("--duration", default=0.0, help="Seconds of live traffic (default: until Ctrl-C)."),
    click.option("--seed", default=7, show_default=True, help="Of all chance."),
]


attended_option = click.option("--attended", is_flag=True, hidden=True, help="End when standard input is closed.")


def shop_options(command: Any) -> Any:
    """Add the options of the shop's story to a command."""
    for option in reversed(SHOP_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.option("--endpoint", default="http://127.0.0.1:4318", show_default=True, help="Address of Vedette.")
@click.option("--key", default="", envvar="VEDETTE_KEY", help="API key with the scope ingest.")
@attended_option
@shop_options
def shop(endpoint: str, key: str, attended: bool, **options: Any) -> None:
    """Run the bundled shop: days of history, then live traffic, then an attack.

    The shop is truly injectable; it listens on loopback only and is meant to be attacked.
    """
    play(endpoint, key, until_left() if attended else Event(), **options)


def until_left() -> Event:
    """Return what is set when standard input is closed: whoever held its other end is gone.

    Ctrl-C reaches both, and is the other's to answer, whose server goes first.
    """
    left = Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):  # not by `sys.stdin`, whose lock would be held at the end
            pass
        left.set()

    Thread(target=watch, name="attended", daemon=True).start()
    return left


def play(endpoint: str, key: str, stop: Event, **options: Any) -> None:
    """Play the shop's story until it ends, is interrupted or `stop` is set."""
    from vedette.simulate.run import Story, run_shop

    attack = options.pop("attack")
    story = Story(endpoint=endpoint, key=key, attack="" if attack == "none" else attack, **options)
    shown(partial(run_shop, story), stop, endpoint)


def shown(run: Callable[..., None], stop: Event, endpoint: str) -> None:
    """Play a story, and show how much of its history was sent; raises `Unreachable` where no server answers."""
    from httpx import TransportError

    progress = Progress("history", 1)

    def show(done: int, total: int) -> None:
        progress.of(total)
        progress.at(done, f"{done} requests")

    try:
        run(stop, hint, show)
    except TransportError as error:
        raise Unreachable(
            f"no Vedette answers at {endpoint} ({error}); start one with 'vedette up', or give --endpoint"
        ) from None
    finally:
        stop.set()
        progress.done()
