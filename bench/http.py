"""Requests: payloads told from benign values, attacks from near misses, and false findings on real access logs.

Benign values teach one parameter of one endpoint; every second of them is held back. The product's score, and
the two simplest things beside it: how rare a value's pairs of characters are, and how many marks it has.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from vedette.decode.access import AccessLog
from vedette.features.reading import LEVELS, Reader
from vedette.features.syntax import LANGUAGES
from vedette.records import schema
from vedette.records.batch import RawBatch
from vedette.records.schema import Signal
from vedette.scoring.requests import score_requests

SETS = ("httpparams_values", "waf_payloads", "gotestwaf_payloads")
LOGS = ("access_apache_real", "ait_access_harrison_benign")
FALSE_SHARE = 1e-3
REQUEST = r'"(\S+) (\S+)[^"]*" \d{3}.*?(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?\s*$'

Floats = NDArray[np.float64]


def run(data: Path) -> dict[str, Any]:
    """Measure all of it."""
    folder = data / "http"
    values = {name: pl.read_parquet(folder / f"{name}.parquet") for name in SETS}
    benign = values[SETS[0]].filter(pl.col("label") == 0)["value"].to_list()
    attacks = {
        name: frame.filter(pl.col("label") == 1)["value"].fill_null("").to_list() for name, frame in values.items()
    }
    taught, held = benign[::2], benign[1::2]
    found = {
        "payloads": _told(attacks, held, _product(taught, [held, *attacks.values()])),
        "baselines": {
            "bigrams": _told(attacks, held, _bigrams(taught, [held, *attacks.values()])),
            "marks": _told(attacks, held, [_marks(some) for some in [held, *attacks.values()]]),
        },
    }
    return {**found, "near_misses": _near_misses(folder), "real_logs": _real_logs(folder), "live": _live(folder)}


def _told(attacks: dict[str, list[str]], held: list[str], scores: list[Floats]) -> dict[str, Any]:
    """Return the share of attacks above the score that one in a thousand benign values exceeds, and the AUROC."""
    usual, told = scores[0], dict(zip(attacks, scores[1:], strict=True))
    bar = np.sort(usual)[::-1][int(FALSE_SHARE * len(held))]
    every = np.concatenate(scores[1:])
    above = {name: round(float((one > bar).mean()), 4) for name, one in told.items()}
    return {"tpr": {**above, "all": round(float((every > bar).mean()), 4)}, "auroc": round(_auroc(every, usual), 4)}


def _auroc(high: Floats, low: Floats) -> float:
    low = np.sort(low)
    below = np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")
    return float(below.mean() / (2 * len(low)))


def _product(taught: list[str], judged: list[list[str]]) -> list[Floats]:
    """Return scores of values in ``GET /search?q=``, judged one set at a time after the same lesson."""
    return [_scores([*taught, *some], len(taught)) for some in judged]


def _scores(values: list[str], taught: int) -> Floats:
    frame = pl.DataFrame({"query": ["q=" + quote_plus(value, errors="replace") for value in values]})
    frame = frame.with_columns(
        method=pl.lit("GET"), path=pl.lit("/search"), train=(pl.int_range(pl.len()) < taught).cast(pl.Int8)
    )
    return score_requests(frame.to_arrow())["score"].to_numpy()[taught:]


def _bigrams(taught: list[str], judged: list[list[str]]) -> list[Floats]:
    pairs = Counter(pair for value in taught for pair in pairwise(f"^{value}$"))
    whole = sum(pairs.values())
    return [np.array([_rarity(value, pairs, whole) for value in some]) for some in judged]


def _rarity(value: str, pairs: Counter[tuple[str, str]], whole: int) -> float:
    return float(np.mean([-log((pairs[pair] + 0.5) / whole) for pair in pairwise(f"^{value}$")]))


def _marks(values: list[str]) -> Floats:
    return np.array([sum(not (letter.isalnum() or letter in " ._-@") for letter in value) for value in values], float)


def _near_misses(folder: Path) -> dict[str, Any]:
    """Return the decision on attacks and near misses by the product's own bar, without any lesson."""
    frame = pl.read_parquet(folder / "crs_regression.parquet")
    asked = frame.select("method", pl.col("uri").alias("path"), "headers", "body")
    alert = score_requests(asked.to_arrow())["alert"].to_numpy() == 1
    label = frame["label"].to_numpy() == 1
    found, spared = float(alert[label].mean()), float((~alert[~label]).mean())
    return {"balanced_accuracy": round((found + spared) / 2, 4), "found": round(found, 4), "spared": round(spared, 4)}


def _real_logs(folder: Path) -> dict[str, Any]:
    lines, false = 0, 0
    for name in LOGS:
        scored = score_requests(requests_of(pl.read_parquet(folder / f"{name}.parquet")["line"]).to_arrow())
        lines += scored.num_rows
        false += int(scored["alert"].to_numpy().sum())
    return {"lines": lines, "alerts": false, "per_10000_lines": round(1e4 * false / lines, 2)}


def _live(folder: Path) -> dict[str, Any]:
    """Return what the live product marks before any history: payloads and benign values as queries, real lines."""
    reader = Reader({(what, level): f"{what}/{level}" for what in LANGUAGES for level in LEVELS})
    values = pl.concat(
        [pl.read_parquet(folder / f"{name}.parquet").select("value", pl.col("label").cast(pl.Int8)) for name in SETS]
    )
    queries = {
        label: ["q=" + quote_plus(value, errors="replace") for value in rows["value"].fill_null("").to_list()]
        for (label,), rows in values.group_by("label")
    }
    marks = {label: _marks_of(reader, some) for label, some in queries.items()}
    lines = pl.concat([pl.read_parquet(folder / f"{name}.parquet").select("line") for name in LOGS])["line"].to_list()
    batches = AccessLog().decode("\n".join(lines).encode(), 0).batches
    columns = [reader(batch).columns for batch in batches]
    told = [one.column(schema.RULES).drop_null() for one in columns if schema.RULES in one.schema.names]
    return {
        "payloads": len(marks[1]),
        "payloads_marked": round(sum(mark is not None for mark in marks[1]) / len(marks[1]), 4),
        "payloads_high": round(sum(str(mark).endswith("/high") for mark in marks[1]) / len(marks[1]), 4),
        "benign": len(marks[0]),
        "benign_marked": sum(mark is not None for mark in marks[0]),
        "benign_high": sum(str(mark).endswith("/high") for mark in marks[0]),
        "lines": sum(len(batch) for batch in batches),
        "lines_marked": sum(len(one) for one in told),
    }


def _marks_of(reader: Reader, queries: list[str]) -> list[str | None]:
    columns = pa.RecordBatch.from_pydict({schema.QUERY: pa.array(queries).dictionary_encode()})
    read = reader(RawBatch(Signal.SPAN, columns)).columns
    found: list[str | None] = read.column(schema.RULES).to_pylist()
    return found


def requests_of(lines: pl.Series) -> pl.DataFrame:
    """Return access-log lines as requests with their referrer and user agent; what is no request has an empty path."""
    groups = lines.str.extract_groups(REQUEST).struct.unnest()
    method, target, referrer, agent = (groups[name].fill_null("") for name in groups.columns)
    headers = [_headers(*one) for one in zip(referrer, agent, strict=True)]
    return pl.DataFrame({"method": method, "path": target, "headers": headers})


def _headers(referrer: str, agent: str) -> str:
    import orjson

    told = {"Referer": referrer, "User-Agent": agent}
    return orjson.dumps({name: value for name, value in told.items() if value not in ("", "-")}).decode()


def example(value: str) -> str:
    """Return a value as it stands in a query, for looking at single ones.

    >>> example("a b'")
    'q=a%20b%27'
    """
    return f"q={quote(value)}"
