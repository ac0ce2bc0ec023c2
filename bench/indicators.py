"""Indicators looked up in JSON log events: cost and memory by length of the list, beside a loop over Python sets."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from bench.path import events
from vedette.decode.json_lines import JsonLines
from vedette.indicators.delimited import Choices, read
from vedette.indicators.index import Index
from vedette.indicators.kept import Change, compare, feed_at, keep, merged
from vedette.indicators.lookup import Lookup
from vedette.indicators.model import Indicator, Kind
from vedette.records import schema
from vedette.records.batch import RawBatch

SIZES = (1_000, 100_000, 1_000_000)
EVENTS = 100_000
PEER_EVENTS = 10_000
CHUNK = 10_000
HITS = 100
"""One event in this many holds an indicator."""

WORD = re.compile(r"[A-Za-z0-9._-]{4,253}")
ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
URL = re.compile(r"https?://[^\s\"'<>]+")
HASH = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")


def listed(count: int, seed: int = 3) -> list[str]:
    """Return made-up values: half addresses, 5 % ranges, 30 % domains, 10 % hashes, 5 % URLs."""
    rng = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        name = f"{rng.getrandbits(40):x}.{rng.choice(('bad', 'c2', 'cdn', 'mail'))}{rng.randrange(99)}.example"
        address = f"{rng.randint(12, 99)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}"
        network = f"{rng.randint(101, 126)}.{rng.randrange(256)}.{rng.randrange(256)}.0/{rng.choice((22, 23, 24))}"
        kind = rng.random()
        value = (
            address
            if kind < 0.5
            else str(ip_network(network, strict=False))
            if kind < 0.55
            else name
            if kind < 0.85
            else f"{rng.getrandbits(256):064x}"
            if kind < 0.95
            else f"http://{name}/{rng.getrandbits(32):x}?a=1"
        )
        made[value] = None
    return list(made)


def telemetry(values: list[str], count: int, seed: int = 5) -> tuple[list[bytes], set[int]]:
    """Return events of the path's benchmark, and which of them hold an indicator."""
    rng = random.Random(seed)
    lines, hit = events(count), set()
    for row in range(0, count, HITS):
        value = rng.choice(values)
        value = value if "://" in value else value.partition("/")[0]
        if rng.random() < 0.5:
            hit.add(row)
        else:
            value = f"{value}x"  # a near miss
        lines[row] = lines[row].replace(b'"msg":"', f'"msg":"contact {value} '.encode(), 1)
    return lines, hit


def peer(values: list[str], lines: list[bytes]) -> tuple[float, set[int]]:
    """Look up the same with expressions and sets, ranges by their prefix; return CPU seconds and the rows found."""
    ranges: dict[int, set[int]] = {}
    exact: set[str] = set()
    for value in values:
        if "/" in value and "://" not in value:
            network = ip_network(value)
            ranges.setdefault(network.prefixlen, set()).add(int(network.network_address))
        else:
            exact.add(value)
    masks = [(2**32 - 2 ** (32 - size), starts) for size, starts in ranges.items()]
    found: set[int] = set()
    began = time.process_time()
    for row, line in enumerate(lines):
        text = line.decode()
        for word in WORD.findall(text):
            if ADDRESS.fullmatch(word):
                number = int(ip_address(word))
                if word in exact or any(number & mask in starts for mask, starts in masks):
                    found.add(row)
            elif "." in word:
                name = word.lower().strip("._-")
                while "." in name:
                    if name in exact:
                        found.add(row)
                    name = name.partition(".")[2]
            elif HASH.fullmatch(word) and word.lower() in exact:
                found.add(row)
        if any(url in exact for url in URL.findall(text)):
            found.add(row)
    return time.process_time() - began, found


MEASURED = r"""
import re, sys, gc
from pathlib import Path
from vedette.indicators.index import Index
from vedette.indicators.kept import feed_at
def own(): return int(re.search(r"RssAnon:\s*(\d+)", Path("/proc/self/status").read_text())[1])
Index([feed_at(Path(sys.argv[1]))]); gc.collect()
before, index = own(), Index([feed_at(Path(sys.argv[2]))]); gc.collect()
print((own() - before) / 1000)
"""


def memory(path: Path, warm: Path) -> float:
    """Return MB that a list takes of a process's own memory; the file's pages are shared and not counted."""
    words = [sys.executable, "-c", MEASURED, str(warm), str(path)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def clocked(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return CPU seconds and the result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def batches(lines: list[bytes]) -> list[RawBatch]:
    """Return events decoded, in chunks as the gateway gets them."""
    payloads = [b"\n".join(lines[at : at + CHUNK]) + b"\n" for at in range(0, len(lines), CHUNK)]
    return [batch for payload in payloads for batch in JsonLines().decode(payload, 0).batches]


def marked(lookup: Lookup, given: list[RawBatch]) -> set[int]:
    """Return the rows that are marked."""
    found: set[int] = set()
    start = 0
    for batch in given:
        columns = lookup(batch).columns
        if schema.RULES in columns.schema.names:
            valid = columns.column(schema.RULES).is_valid().to_pylist()
            found |= {start + row for row, there in enumerate(valid) if there}
        start += len(batch)
    return found


def added(values: list[str], folder: Path) -> tuple[float, float, Path]:
    """Return CPU seconds to read and keep a list, and to compare it with itself, and where it is."""
    name = f"made-{len(values)}"

    def take() -> tuple[list[Indicator], Path]:
        taken = merged(read("\n".join(values), "made.txt", Choices()).found)
        return taken, keep(folder, name, taken, {"source": "made"})

    adding, (taken, path) = clocked(take)
    comparing, change = clocked(lambda: compare(feed_at(path), name, taken, 0))
    assert change == Change((), (), ())
    return adding, comparing, path


def of_size(count: int, folder: Path, warm: Path) -> dict[str, Any]:
    """Return the figures of one length of list."""
    values = listed(count)
    lines, hit = telemetry(values, EVENTS)
    given = batches(lines)
    adding, comparing, path = added(values, folder)
    building, index = clocked(lambda: Index([feed_at(path)]))
    lookup = Lookup(index)
    marked(lookup, given[:1])
    looking, found = clocked(lambda: marked(lookup, given))
    theirs, peers = peer(values, lines[:PEER_EVENTS])
    return {
        "microseconds_an_event": round(1e6 * looking / EVENTS, 2),
        "peer_microseconds_an_event": round(1e6 * theirs / PEER_EVENTS, 1),
        "times_faster": round(theirs / PEER_EVENTS / (looking / EVENTS), 1),
        "equal_to_peer": {row for row in found if row < PEER_EVENTS} == peers,
        "found": len(found & hit),
        "held": len(hit),
        "others_marked": len(found - hit),
        "add_seconds": round(adding, 2),
        "compare_seconds": round(comparing, 2),
        "ready_seconds": round(building, 2),
        "own_megabytes": round(memory(path, warm)),
        "file_megabytes": round(path.stat().st_size / 1e6),
    }


def run(data: Path) -> dict[str, Any]:
    """Return the figures."""
    del data
    warm = Indicator(Kind.DOMAIN, "warm.example")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = keep(folder, "warm", [warm], {})
        marked(Lookup(Index([feed_at(path)])), batches(events(100)))
        return {str(count): of_size(count, folder, path) for count in SIZES}
