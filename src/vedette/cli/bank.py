"""``vedette bank``: the bundled bank, whose new user interface nobody announced, sent to a running server."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import Any

import click

from vedette.cli.shop import attended_option, shown, until_left


@click.command()
@click.option("--endpoint", default="http://127.0.0.1:4318", show_default=True, help="Address of Vedette.")
@click.option("--key", default="", envvar="VEDETTE_KEY", help="API key with the scope ingest.")
@click.option("--days", default=3.0, show_default=True, help="Days of history to learn from.")
@click.option("--rate", default=1.0, show_default=True, help="Requests a second, averaged over a day.")
@click.option("--attack-after", default=20.0, show_default=True, help="Seconds of live traffic before an injection.")
@click.option("--duration", default=0.0, help="Seconds of live traffic (default: until Ctrl-C).")
@click.option("--seed", default=7, show_default=True, help="Of all chance.")
@attended_option
def bank(endpoint: str, key: str, attended: bool, **options: Any) -> None:
    """Send a bank's requests: days of the old user interface, four hours of a new one, then an injection.

    The release is told as one incident of operations, over when the models have settled; the injection as another one.
    """
    from vedette.simulate.bank_run import BankStory, run_bank

    stop = until_left() if attended else Event()
    shown(partial(run_bank, BankStory(endpoint, key, **options)), stop, endpoint)
