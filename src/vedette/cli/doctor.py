"""``vedette doctor``: checks what usually goes wrong, each with its fix."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.output import document

if TYPE_CHECKING:
    from vedette.config.schema import Config

LEAST_FREE = 1 << 30


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of a check; a fix is given where it failed."""

    check: str
    good: bool
    found: str
    fix: str = ""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Data folder.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Path of vedette.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def doctor(data: Path | None, config_path: Path | None, as_json: bool) -> None:
    """Check configuration, disk, clock, port, page and state. Exit code 3 if something needs care."""
    from vedette.cli.up import overrides
    from vedette.config.load import load

    config = load(config_path, overrides=overrides(data, None))
    checks: list[Callable[[Config], Result]] = [_python, _disk, _clock, _port, _page, _snapshots]
    results = [check(config) for check in checks]
    if as_json:
        document([{"check": one.check, "good": one.good, "found": one.found, "fix": one.fix} for one in results])
    else:
        for one in results:
            click.echo(f"{'✓' if one.good else '✗'} {one.check:<10} {one.found}")
            if not one.good:
                click.echo(f"  fix: {one.fix}")
    if not all(one.good for one in results):
        sys.exit(3)


def _python(config: Config) -> Result:
    del config
    version = ".".join(map(str, sys.version_info[:3]))
    return Result("python", sys.version_info >= (3, 11), version, "use Python 3.11 or newer")


def _disk(config: Config) -> Result:
    folder = Path(config.data.folder)
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    good = free >= LEAST_FREE
    return Result("disk", good, f"{free >> 20} MiB free for {folder}", "free some space, or set data.folder elsewhere")


def _clock(config: Config) -> Result:
    del config
    good = time.time() > 1_700_000_000
    return Result("clock", good, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "set the machine's clock")


def _port(config: Config) -> Result:
    listen, another = config.server.listen, "choose another with server.listen"
    host, _, port = listen.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), 1.0).close()
    except socket.gaierror as error:
        return Result("port", False, f"{listen} is no address of this machine: {error.strerror}", another)
    except OSError:
        return Result("port", True, f"{listen} is free; no server is running")
    who = _who_answers(listen)
    return Result("port", bool(who), f"{who or 'something else than Vedette'} answers on {listen}", another)


def _who_answers(listen: str) -> str:
    """Return who that is, nothing if it is not Vedette; without a key one only learns that a key is needed."""
    from vedette.cli.client import get
    from vedette.errors import Unauthorized, VedetteError

    try:
        return f"Vedette {get(f'http://{listen}', 'status', '')['version']}"
    except Unauthorized:
        return "a server that wants a key"
    except (VedetteError, HTTPException, ValueError, LookupError, TypeError, AttributeError):
        return ""  # what another program says may be anything


def _page(config: Config) -> Result:
    from vedette.ui.assets import built_page

    del config
    built = bool(built_page())
    return Result(
        "page", built, "built" if built else "not built; the API works", "install Node.js 20, then: make page"
    )


def _snapshots(config: Config) -> Result:
    folder = Path(config.data.folder) / "state"
    damaged = len(list((folder / "quarantine").glob("*"))) if folder.exists() else 0
    kept = len(list(folder.glob("*.state"))) if folder.exists() else 0
    found = f"{kept} snapshots, {damaged} set aside as damaged"
    return Result("state", damaged == 0, found, f"look at the disk's health, then remove {folder / 'quarantine'}")
