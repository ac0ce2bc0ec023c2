"""``vedette score``: a data set scored with the product's own detectors and defaults."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.output import hint
from vedette.errors import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = ["metrics", "logs", "requests", "spans", "vectors", "alerts", "entities", "events"]
"""As `vedette.scoring.kinds` has them, without the cost of loading it for ``--help``."""
SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson", ".json")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option(
    "--rules",
    multiple=True,
    help="Sigma rules for events: file, folder or archive; own: Vedette's. Several are joined.",
)
@click.option(
    "--lines",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Log lines of the spans: trace_id, service, t, line.",
)
def score(kind: str, source: Path, output: Path, rules: tuple[str, ...], lines: Path | None) -> None:
    """Score SOURCE, row by row: each judged by the rows before it only.

    KIND metrics needs the columns series, t (epoch seconds or timestamps), value; it adds score,
    p_value, expected, lower, upper, state, alert, drift. Parquet, CSV and JSON lines, by suffix.

    KIND logs needs line, and ts or session; optional train (1: ordinary, learn only). It adds
    template_id, template, score, alert: by line for new templates, by session at its last row.

    KIND requests needs path, and takes method, query, headers (JSON), body, and train (1: benign,
    learn only) where they are known; it adds score, alert, technique, differed.

    KIND spans needs trace_id, span_id, parent_span_id, service, name, t, duration_ms; optional status,
    lines (what was logged in the span: a list, or one text; or --lines with a table of them) and train
    (1: learn only). It writes findings by minute and service: t, service, score, root_score, alert, state,
    what.

    KIND entities needs time, user, and takes host, action, country, client, service, resource,
    process, bytes, outcome, latitude, longitude, group where they are known (canonical names do as
    well). It writes a row an entity and day: entity, day, score, p_value, alert, state, reasons.

    KIND vectors needs columns of numbers, m00, m01 and so on; optional entity, t (with it each entity is
    judged causally, else every row by all) and train (1: learn only). It adds score, alert, state,
    contributions.

    KIND alerts needs time, name, host: alerts of other tools, of one site. It writes the notifications that
    they deserve: row, incident, severity, is_update.

    KIND events takes JSON lines, each the source's own event, or a table with them in a column event. It
    writes what rules find: row (from 0), rule (Sigma id), techniques, level; --rules for other rules than
    Vedette's own, or more.
    """
    from vedette.kernels import quiet_threads
    from vedette.scoring.kinds import score_table

    quiet_threads()
    _known(output)
    if rules and kind != "events":
        raise click.UsageError(f"--rules is for events, got {kind}")
    if lines and kind != "spans":
        raise click.UsageError(f"--lines is for spans, got {kind}")
    table = _events(source, rules) if kind == "events" else score_table(kind, _table(source, lines))
    write_table(table, output)
    hint(f"{table.num_rows} rows scored, written to {output}")


def _table(source: Path, lines: Path | None) -> pa.Table:
    """Read a table, and put the log lines of another into it."""
    from vedette.scoring.span_lines import with_lines

    return with_lines(read_table(source), read_table(lines)) if lines else read_table(source)


def _events(source: Path, rules: tuple[str, ...]) -> pa.Table:
    """Score events; rules that can't be used are named, and the others used."""
    from vedette.rules.load import PACK, load, own_rules
    from vedette.scoring.events import score_events

    data = os.environ.get("VEDETTE_DATA")
    cache = Path(data) / "rules" if data else None
    known = load([PACK if one == "own" else Path(one) for one in rules], cache) if rules else own_rules(cache)
    for problem in known.problems:
        hint(f"rule left out: {problem}")
    return score_events(read_events(source), known)


def read_events(source: Path) -> pa.Table:
    """Read events, JSON lines as they are; lines that are no objects are counted. Raises `BadInput` as `read_table`."""
    if source.suffix not in (".jsonl", ".ndjson", ".json"):
        return read_table(source)
    import pyarrow as pa

    from vedette.scoring.events import EVENT

    lines = source.read_bytes().removesuffix(b"\n").split(b"\n")
    odd = [number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(b"{")]
    if odd:
        hint(f"{len(odd)} lines are no JSON objects and find nothing, the first is row {odd[0]}")
    return pa.table({EVENT: pa.array([line.decode("utf-8", "replace") for line in lines], pa.string())})


def read_table(path: Path) -> pa.Table:
    """Read a table by its suffix; raises `BadInput` naming what is wrong."""
    import pyarrow as pa
    from pyarrow import csv, json, parquet

    _known(path)
    try:
        if path.suffix == ".parquet":
            return parquet.read_table(path)
        return csv.read_csv(path) if path.suffix == ".csv" else json.read_json(path)
    except (pa.ArrowException, OSError) as error:
        raise BadInput("unreadable_file", detail=f"{path}: {error}") from None


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table by its suffix; raises `BadInput` naming what is wrong."""
    import pyarrow as pa

    _known(path)
    try:
        _write(table, path)
    except (pa.ArrowException, OSError) as error:
        raise BadInput("unwritable_file", detail=f"{path}: {error}") from None


def _write(table: pa.Table, path: Path) -> None:
    from pyarrow import csv, parquet

    if path.suffix == ".parquet":
        parquet.write_table(table, path)
    elif path.suffix == ".csv":
        csv.write_csv(_flat(table), path)
    else:
        import orjson

        path.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in table.to_pylist()))


def _flat(table: pa.Table) -> pa.Table:
    """Return a table whose lists are texts, their items apart by blanks, as CSV has no lists."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            table = table.set_column(place, field.name, pc.binary_join(table[field.name], " "))
    return table


def _known(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise BadInput("unknown_format", detail=f"got {path.name!r}, expected one of {', '.join(SUFFIXES)}")
