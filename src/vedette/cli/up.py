"""``vedette up``: the server, in one process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vedette.cli.output import hint


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: vedette-data).")
@click.option("--listen", help="Address, such as 127.0.0.1:4318.")
@click.option("--file", "files", multiple=True, help="Follow a log file: PATH or SERVICE=PATH; may be repeated.")
@click.option("--processes", is_flag=True, help="Watch which programs are executed on this host (Linux).")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Path of vedette.toml.")
def up(
    data: Path | None, listen: str | None, files: tuple[str, ...], processes: bool, config_path: Path | None
) -> None:
    """Run the server: receive telemetry, detect, serve page and API.

    Point any OpenTelemetry SDK at it: OTLP/HTTP on the port that it prints. Loopback only until a
    key exists. Ctrl-C ends it; nothing acknowledged is lost.
    """
    from vedette.cli.serve import Service
    from vedette.config.load import load
    from vedette.kernels import quiet_threads

    quiet_threads()
    service = Service(
        load(config_path, overrides=overrides(data, listen, **followed(files), **watched(processes))), hint
    )
    click.echo(f"Vedette is listening on {service.url}", err=True)
    hint(f"send telemetry: OTEL_EXPORTER_OTLP_ENDPOINT={service.url} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")
    service.run()


def followed(files: tuple[str, ...]) -> dict[str, Any]:
    """Return the option for the files that are to be followed, none for none."""
    return {"receive.files": list(files)} if files else {}


def watched(processes: bool) -> dict[str, Any]:
    """Return the option for watching processes, none if the command line does not ask for it."""
    return {"receive.processes": True} if processes else {}


def overrides(data: Path | None, listen: str | None, **more: Any) -> dict[str, Any]:
    """Return the options given on the command line."""
    given = {"data.folder": None if data is None else str(data), "server.listen": listen, **more}
    return {key: value for key, value in given.items() if value is not None}
