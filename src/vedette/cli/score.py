"""``vedette score``: a data set scored with the product's own detectors and defaults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.output import hint
from vedette.errors import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = ["metrics"]
SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson", ".json")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
def score(kind: str, source: Path, output: Path) -> None:
    """Score SOURCE, row by row: each judged by the rows before it only.

    KIND metrics needs the columns series, t (epoch seconds or timestamps), value; it adds score,
    p_value, expected, lower, upper, state, alert, drift. Parquet, CSV and JSON lines, by suffix.
    """
    from vedette.detectors.score_metrics import score_metrics
    from vedette.kernels import quiet_threads

    quiet_threads()
    del kind  # the only one of this release
    table = score_metrics(read_table(source))
    write_table(table, output)
    hint(f"{table.num_rows} rows scored, written to {output}")


def read_table(path: Path) -> pa.Table:
    """Read a table by its suffix; raises `BadInput` naming what is wrong."""
    import pyarrow as pa
    from pyarrow import csv, json, parquet

    _known(path)
    try:
        if path.suffix == ".parquet":
            return parquet.read_table(path)
        return csv.read_csv(path) if path.suffix == ".csv" else json.read_json(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput("unreadable_file", detail=f"{path}: {error}") from None


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table by its suffix."""
    from pyarrow import csv, parquet

    _known(path)
    if path.suffix == ".parquet":
        parquet.write_table(table, path)
    elif path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        import orjson

        path.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in table.to_pylist()))


def _known(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise BadInput("unknown_format", detail=f"got {path.name!r}, expected one of {', '.join(SUFFIXES)}")
