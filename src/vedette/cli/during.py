"""``vedette during``: run a command, and announce it as planned work while it runs."""

from __future__ import annotations

import subprocess
from secrets import token_hex

import click

from vedette.cli.client import send, server_options
from vedette.cli.context import KINDS
from vedette.cli.moments import LENGTH, sent
from vedette.cli.output import hint
from vedette.engine.clock import now
from vedette.errors import BadInput, VedetteError

NOT_FOUND = 127
NOT_EXECUTABLE = 126
"""Exit codes of shells for commands that can't be run."""

LASTING = [kind for kind in KINDS if kind not in ("deploy", "flag", "scaling")]


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--kind", type=click.Choice(LASTING), default="job", show_default=True)
@click.option("--title", help="The command's name by default; the same for the same thing again.")
@click.option("--service", "services", multiple=True, help="Service or segment; repeatable; none for all.")
@click.option("--lift", type=float, help="How many times the usual volume is expected.")
@click.option("--at-most", type=LENGTH, default="24h", show_default=True, help="Planned end, should we be killed.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@server_options
def during(
    kind: str,
    title: str | None,
    services: tuple[str, ...],
    lift: float | None,
    at_most: int,
    command: tuple[str, ...],
    url: str,
    key: str,
) -> int:
    """Run a COMMAND (after --), announced as planned from its beginning to its end; its exit code is passed on.

    Where no server answers, the command runs nevertheless, and stderr says so.
    """
    start = now()
    event = {
        "id": f"during-{token_hex(6)}",
        "kind": kind,
        "title": title or command[0].rpartition("/")[2],
        "start": sent(start),
        "segments": services,
        "lift": lift,
    }
    _tell({**event, "end": sent(start + at_most)}, url, key)
    try:
        code = subprocess.run(command, check=False).returncode
    except FileNotFoundError:
        hint(f"{command[0]}: no such command")
        code = NOT_FOUND
    except OSError as error:
        hint(f"{command[0]}: {error.strerror}")
        code = NOT_EXECUTABLE
    _tell({**event, "end": sent(max(now(), start + 1_000_000))}, url, key)
    return code if code >= 0 else 128 - code


def _tell(event: dict[str, object], url: str, key: str) -> None:
    """Announce; planned work must not fail because the watch is down, but what is typed wrongly is refused."""
    try:
        send(url, "POST", "context", key, {"items": [event]})
    except BadInput:
        raise
    except VedetteError as error:
        hint(f"not announced: {error}")
