"""``vedette check``: a build's telemetry against that of the release before; a gate for CI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.output import hint
from vedette.errors import BadInput

if TYPE_CHECKING:
    from vedette.checks.summary import Summary
    from vedette.features.templates import Templates
    from vedette.receive.base import Decode

EXIT_FOUND = 1
FORMATS = ["text", "json", "github", "junit", "sarif"]
"""As `vedette.checks.formats` has them, without the cost of loading it for ``--help``."""

LEVELS = ["low", "medium", "high"]
OTLP = {b'"resourceLogs"': "logs", b'"resourceSpans"': "spans", b'"resourceMetrics"': "metrics"}
"""What a document of OTLP/JSON has near its beginning, and its signal."""

HEAD = 4096
"""Bytes from which OTLP/JSON is known."""


@click.command()
@click.argument("run", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--against", required=True, type=click.Path(exists=True, path_type=Path), help="The baseline: file or folder."
)
@click.option("--fail-on", type=click.Choice(LEVELS), default="high", show_default=True, help="Exit 1 from there on.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Where to write; else stdout.")
@click.pass_context
def check(ctx: click.Context, run: Path, against: Path, fail_on: str, form: str, output: Path | None) -> None:
    """Compare telemetry of RUN, a file or folder, with that of a baseline: has this build become worse?

    Takes JSON lines, access logs, text, OTLP/JSON, and CSV with the columns series, value; .gz as well.
    Exit code 1 for a change of the level --fail-on or above, 2 for what can't be read.
    """
    from vedette.checks.compare import LEVELS as ORDER
    from vedette.checks.compare import Level, compare
    from vedette.checks.formats import FORMATS as WRITERS
    from vedette.features.templates import Templates
    from vedette.kernels import quiet_threads

    quiet_threads()
    templates = Templates()
    before, after = summed(against, templates), summed(run, templates)
    changes = compare(before, after)
    text = WRITERS[form](changes, str(run))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    for name, one in (("baseline", before), ("run", after)):
        requests = sum(route.count for route in one.routes.values())
        hint(f"{name}: {one.lines} lines, {requests} requests, {len(one.series)} series, {one.unreadable} unreadable")
    if any(ORDER.index(change.level) >= ORDER.index(Level(fail_on)) for change in changes):
        ctx.exit(EXIT_FOUND)


def summed(path: Path, templates: Templates) -> Summary:
    """Return the sum of a file, or of all of a folder and below.

    Raises
    ------
    BadInput
        Naming the file that can't be read; or if there is nothing at all.
    """
    from vedette.checks.summary import Summary

    summary = Summary(templates)
    for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
        _take(summary, file)
    if not (summary.lines or summary.routes or summary.series):
        raise BadInput("no_telemetry", detail=f"{path}: {summary.unreadable} lines unreadable, expected some that are")
    return summary


def _take(summary: Summary, file: Path) -> None:
    from vedette.receive.files import read_file

    if file.name.removesuffix(".gz").endswith(".csv"):
        _take_csv(summary, file)
        return
    decode: Decode | None = None
    for data in read_file(file):
        if decode is None:
            signal = next((OTLP[word] for word in OTLP if word in data[:HEAD]), None)
            if signal is not None:
                _take_otlp(summary, file, signal)
                return
            decode = _decoder(data, file)
        summary.take(decode(data, 0))


def _decoder(data: bytes, file: Path) -> Decode:
    from vedette.decode.detect import SAMPLE, detect

    try:
        return detect(data[:SAMPLE], file.name.partition(".")[0]).decode
    except BadInput as error:
        raise BadInput(error.reason, detail=f"{file} {error.detail}") from None


def _take_otlp(summary: Summary, file: Path, signal: str) -> None:
    """Take in OTLP/JSON: one document, or one a line, as the collector's file exporter writes it."""
    from importlib import import_module

    from vedette.receive.files import read_file

    decode: Decode = getattr(import_module("vedette.decode.otlp_json"), f"decode_{signal}")
    whole = b"".join(read_file(file))
    for document in _documents(whole):
        try:
            summary.take(decode(document, 0))
        except BadInput as error:
            raise BadInput(error.reason, detail=f"{file}: {error.detail}") from None


def _documents(data: bytes) -> Iterator[bytes]:
    lines = [line for line in data.splitlines() if line.strip()]
    yield from lines if all(line.startswith(b"{") and line.rstrip().endswith(b"}") for line in lines) else [data]


def _take_csv(summary: Summary, file: Path) -> None:
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    try:
        table = csv.read_csv(file)
        names = table["series"].cast(pa.string()).to_numpy()
        values = table["value"].cast(pa.float64()).to_numpy()
    except (pa.ArrowException, KeyError, OSError) as error:
        raise BadInput("bad_metrics", detail=f"{file}: {error}; expected the columns series, value") from None
    for name in np.unique(names):
        summary.put_series(str(name), values[(names == name) & np.isfinite(values)])
