"""Sigma: every rule of SigmaHQ, agreement with SQLite, speed beside it, techniques on recorded attacks."""

from __future__ import annotations

import random
import sqlite3
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import process_time
from typing import Any, Final

import orjson
import pyarrow as pa
import yaml
from pyarrow import parquet
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError

from vedette.rules.columns import texts
from vedette.rules.flat import table_of
from vedette.rules.load import load, own_rules
from vedette.rules.match import Matcher
from vedette.rules.model import RuleSet, Source
from vedette.rules.parse import parse
from vedette.rules.routes import Route, Routes
from vedette.scoring.events import score_events

SEED: Final = 11
EVENTS: Final = 200_000
SLICE: Final = 10_000
PEER_EVENTS: Final = 2_000
"""Events and rules that SQLite is timed on: all rules over all events would take it an hour."""


def run(data: Path) -> dict[str, Any]:
    """Return counts of what conforms, events a CPU-second, and the share of recorded attacks with their technique."""
    (archive,) = (data / "sigma").glob("sigmahq-*.tar.xz")
    began = process_time()
    rules = load([archive])
    seconds = process_time() - began
    return {
        "rules": len(rules.rules),
        "rules_named": len(rules.problems),
        "load_cpu_s": round(seconds, 1),
        **specification(data / "sigma" / "specification-tests"),
        **regression(data, rules),
        **differential(data, archive, rules),
        **speed(archive, rules),
        **techniques(data, rules),
    }


def specification(folder: Path) -> dict[str, Any]:
    """Return how many of the specification's examples are taken, the rules that they name made up beside them."""
    taken, files = 0, sorted(folder.rglob("*.yml"))
    for path in files:
        text = path.read_text()
        taken += not parse({**_named(yaml.safe_load(text)), "example.yml": text}).problems
    return {"specification_examples": f"{taken}/{len(files)}"}


def _named(example: dict[str, Any]) -> dict[str, str]:
    """Return a rule for each that a correlation or a filter names."""
    source = example.get("logsource", {"category": "process_creation"})
    made = {}
    for name in (example.get("correlation") or example.get("filter") or {}).get("rules", []):
        rule = {"title": name, "logsource": source, "detection": {"one": {"a": 1}, "condition": "one"}}
        made[f"{name}.yml"] = yaml.safe_dump({**rule, "id" if name.count("-") == 4 else "name": name})
    return made


def regression(data: Path, rules: RuleSet) -> dict[str, Any]:
    """Return how many rules fire on the events recorded for them, and those that do not."""
    table = parquet.read_table(data / "events" / "sigma_regression.parquet")
    found = Matcher(rules).match(_events(table)).by_row()
    fired: dict[str, bool] = defaultdict(bool)
    for hits, identity in zip(found, table["rule_id"].to_pylist(), strict=True):
        fired[identity] |= any(rules.rules[hit].head.id == identity for hit in hits)
    silent = [identity for identity, yes in fired.items() if not yes]
    return {"regression_fired": f"{sum(fired.values())}/{len(fired)}", "regression_silent": silent}


def _events(table: pa.Table) -> pa.Table:
    return table_of([orjson.loads(text) for text in table["event"].to_pylist()])


def differential(data: Path, archive: Path, rules: RuleSet) -> dict[str, Any]:
    """Return for how many rules SQLite finds the same rows; rules run on all events, whatever their log source."""
    table = pa.concat_tables(
        [
            parquet.read_table(data / "events" / "sigma_regression.parquet").select(["event"]),
            parquet.read_table(data / "events" / "evtx_mitre.parquet").select(["event"]),
            parquet.read_table(data / "events" / "cloudtrail_stratus.parquet").select(["event"]),
            _every(parquet.read_table(data / "events" / "otrf_host.parquet").select(["event"]), 20),
        ]
    )
    columns = _events(table)
    names = list(columns.column_names)
    singles = pa.table(_without_twins({name: texts(columns[name]) for name in names}))
    names = list(singles.column_names)
    ours = _on_all(rules, singles)
    base, backend = _database(singles), sqliteBackend(fulltext_field="fulltext_")
    known = {rule.head.file: number for number, rule in enumerate(rules.rules)}
    there = {name.lower() for name in names} | {"fulltext_"}
    same, differ, refused = 0, [], 0
    for name, collection in _collections(archive):
        if name not in known:
            continue
        try:
            theirs = _rows(base, backend, collection, there)
        except (sqlite3.Error, SigmaError):
            refused += 1
            continue
        if theirs == ours.get(known[name], set()):
            same += 1
        else:
            differ.append(rules.rules[known[name]].head.title)
    return {
        "differential_events": singles.num_rows,
        "differential_matches": sum(map(len, ours.values())),
        "differential_rules_that_match": len(ours),
        "like_sqlite": same,
        "unlike_sqlite": len(differ),
        "unlike": differ[:5],
        "sqlite_refuses": refused,
    }


def _every(table: pa.Table, step: int) -> pa.Table:
    return table.take(pa.array(range(0, table.num_rows, step)))


def _without_twins(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Leave out columns whose name differs from another's by case only: SQLite can't have both."""
    seen: set[str] = set()
    return {name: column for name, column in columns.items() if not (name.lower() in seen or seen.add(name.lower()))}


def _on_all(rules: RuleSet, table: pa.Table) -> dict[int, set[int]]:
    facts = []
    for source in dict.fromkeys(rule.source for rule in rules.rules):
        category, service = Source(source.product, source.category), Source(source.product, None, source.service)
        facts += [Source(source.product), category, service]
    hits = Matcher(rules, Routes([Route((), (), (), tuple(facts), ())])).match(table)
    found: dict[int, set[int]] = defaultdict(set)
    for row, rule in zip(hits.rows.tolist(), hits.rules.tolist(), strict=True):
        found[rule].add(row)
    return found


def _collections(archive: Path) -> Iterable[tuple[str, SigmaCollection]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.name.endswith(".yml"):
                file = opened.extractfile(member)
                assert file is not None
                yield member.name, SigmaCollection.from_yaml(file.read())


def _database(table: pa.Table) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.create_function("REGEXP", 2, _searched)
    whole = ["\n".join(value for value in row.values() if value is not None) for row in table.to_pylist()]
    table = table.append_column("fulltext_", pa.array(whole))
    columns = ", ".join(f'"{name}" TEXT COLLATE NOCASE' for name in table.column_names)
    base.execute(f"CREATE TABLE logs ({columns})")
    marks = ", ".join("?" for _ in table.column_names)
    base.executemany(f"INSERT INTO logs VALUES ({marks})", [tuple(row.values()) for row in table.to_pylist()])
    return base


def _searched(pattern: str, text: str | None) -> bool:
    import re2

    return text is not None and re2.search(pattern, text) is not None


def _rows(base: sqlite3.Connection, backend: sqliteBackend, collection: SigmaCollection, known: set[str]) -> set[int]:
    found: set[int] = set()
    for rule in collection.rules:
        _widen(base, backend.required_fields(rule), known)
    for query in backend.convert(collection):
        found |= {row - 1 for (row,) in base.execute(query.replace("SELECT *", "SELECT rowid", 1))}
    return found


def speed(archive: Path, rules: RuleSet) -> dict[str, Any]:
    """Return events a CPU-second against all rules of a kind, and how many times SQLite that is."""
    process = _only(rules, Source("windows", "process_creation"))
    web = _only(rules, Source(None, "webserver"))
    processes, requests = processes_of(EVENTS), requests_of(EVENTS)
    ours, queries = rate(process, processes), _queries(archive, "windows", "process_creation")
    base = _database(pa.table({name: texts(processes[name]) for name in processes.column_names}).slice(0, PEER_EVENTS))
    peer = PEER_EVENTS / _asked(base, queries, list(processes.column_names))
    return {
        "process_rules": len(process.rules),
        "process_events_per_cpu_s": round(ours),
        "process_small_batches": round(rate(process, processes.slice(0, 20_000), 100)),
        "sqlite_process_events_per_cpu_s": round(peer),
        "times_sqlite": round(ours / peer),
        "web_rules": len(web.rules),
        "web_events_per_cpu_s": round(rate(web, requests)),
    }


def _only(rules: RuleSet, source: Source) -> RuleSet:
    return RuleSet(tuple(rule for rule in rules.rules if rule.source == source))


def rate(rules: RuleSet, table: pa.Table, size: int = SLICE) -> float:
    """Return events a CPU-second of the third pass over a table, in slices."""
    matcher = Matcher(rules)
    for _ in range(3):
        began = process_time()
        for start in range(0, table.num_rows, size):
            matcher.match(table.slice(start, size))
        seconds = process_time() - began
    return table.num_rows / seconds


def _queries(archive: Path, product: str, category: str) -> list[tuple[list[str], str]]:
    found = []
    for _, collection in _collections(archive):
        (rule,) = collection.rules
        if (rule.logsource.product, rule.logsource.category) == (product, category):
            backend = sqliteBackend(fulltext_field="fulltext_")
            found += [(backend.required_fields(rule), query) for query in backend.convert(collection)]
    return found


def _widen(base: sqlite3.Connection, fields: Iterable[str], known: set[str]) -> None:
    """Add the columns that a query needs; no event has them."""
    for name in fields:
        if name.lower() not in known:
            base.execute(f'ALTER TABLE logs ADD COLUMN "{name}" TEXT COLLATE NOCASE')
            known.add(name.lower())


def _asked(base: sqlite3.Connection, queries: Sequence[tuple[list[str], str]], names: Sequence[str]) -> float:
    known = {name.lower() for name in names} | {"fulltext_"}
    for fields, _ in queries:
        _widen(base, fields, known)
    began = process_time()
    for _, query in queries:
        base.execute(query).fetchall()
    return process_time() - began


IMAGES: Final = {
    "C:\\Windows\\System32\\svchost.exe": 30, "C:\\Windows\\System32\\cmd.exe": 6,
    "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe": 5,
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe": 20, "C:\\Windows\\System32\\conhost.exe": 10,
    "C:\\Windows\\explorer.exe": 2, "C:\\Windows\\System32\\taskhostw.exe": 5, "C:\\Windows\\System32\\net.exe": 1,
    "C:\\Windows\\System32\\rundll32.exe": 2, "C:\\Windows\\System32\\reg.exe": 1,
    "C:\\Program Files\\Git\\bin\\git.exe": 4,
    "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe": 3, "C:\\Windows\\System32\\schtasks.exe": 1,
}  # fmt: skip


def processes_of(count: int) -> pa.Table:
    """Return process creations of an office, one in a thousand an attack; half of the command lines are new."""
    rng = random.Random(SEED)
    rows = []
    for number in range(count):
        image = rng.choices(list(IMAGES), list(IMAGES.values()))[0]
        parent = rng.choice(list(IMAGES))
        line = command(image, rng)
        if rng.random() < 0.0005:
            line = "powershell -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA"
        elif rng.random() < 0.0005:
            image, line = "C:\\Windows\\System32\\vssadmin.exe", "vssadmin.exe delete shadows /all /quiet"
        rows.append(
            {
                "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational",
                "Computer": f"WS{rng.randint(1, 500):04d}.corp.local",
                "UtcTime": f"2025-11-01 {number // 8400:02d}:{number // 140 % 60:02d}:{number % 60:02d}.000",
                "Image": image, "OriginalFileName": image.rpartition("\\")[2], "CommandLine": line,
                "ParentImage": parent, "ParentCommandLine": command(parent, rng),
                "User": rng.choice(["NT AUTHORITY\\SYSTEM", "CORP\\bob", "CORP\\alice"]),
                "IntegrityLevel": rng.choice(["System", "Medium", "High"]),
                "CurrentDirectory": "C:\\Windows\\system32\\",
                "Company": "Microsoft Corporation", "Description": "x", "Product": "Microsoft Windows",
                "Hashes": f"SHA256={rng.getrandbits(256):064X},IMPHASH={rng.getrandbits(128):032X}",
                "ProcessId": rng.randint(4, 20000), "LogonId": hex(rng.getrandbits(20)),
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows)


def command(image: str, rng: random.Random) -> str:
    """Return a command line of an ordinary program."""
    name = image.rpartition("\\")[2]
    lines = {
        "svchost.exe": f"{image} -k {rng.choice(['netsvcs', 'LocalService'])} -p -s {rng.choice(['BITS', 'Appinfo'])}",
        "powershell.exe": f"powershell.exe -NoProfile -File C:\\scripts\\job{rng.randint(1, 500)}.ps1 -RunId "
        f"{rng.getrandbits(64):016x}",
        "chrome.exe": f'"{image}" --type=renderer --lang=en-US --device-scale-factor=1 --num-raster-threads=4 '
        f"--renderer-client-id={rng.randint(1, 9999)} --time-ticks-at-unix-epoch=-{rng.getrandbits(50)} "
        f"--field-trial-handle={rng.getrandbits(12)},i,{rng.getrandbits(63)},262144 /prefetch:1",
        "cmd.exe": f"cmd.exe /c {rng.choice(['dir', 'copy', 'type'])} D:\\data\\f{rng.randint(1, 9999)}.txt",
        "git.exe": f"git {rng.choice(['fetch', 'status', 'log -1'])} --{rng.getrandbits(32):08x}",
    }
    return lines.get(name, f'"{image}" {rng.choice(["", "/safe", "-Embedding"])}')


def requests_of(count: int) -> pa.Table:
    """Return requests to a shop in canonical names; two in a thousand are attacks."""
    rng = random.Random(SEED)
    agents = [f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{number}.0" for number in range(90, 130)]
    attacks = ["/product?id=1%20UNION%20SELECT%201", "/../../etc/passwd", "/search?q=${jndi:ldap://x/a}"]
    rows = []
    for _ in range(count):
        usual = [f"/product?id={rng.randint(1, 5000)}", f"/search?q={rng.getrandbits(24):x}", "/", "/cart"]
        path, _, query = rng.choice(usual).partition("?")
        if rng.random() < 0.002:
            path, _, query = rng.choice(attacks).partition("?")
        status = rng.choice([200, 200, 302, 404])
        rows.append((rng.choice(["GET", "GET", "POST"]), path, query or None, status, rng.choice(agents)))
    method, path, query, status, agent = zip(*rows, strict=True)
    return pa.table(
        {
            "http.request.method": pa.array(method).dictionary_encode(),
            "url.path": pa.array(path).dictionary_encode(),
            "url.query": pa.array(query).dictionary_encode(),
            "http.response.status_code": pa.array(status, pa.int16()),
            "user_agent.original": pa.array(agent).dictionary_encode(),
            "client.address": pa.array([f"10.0.{rng.randint(0, 99)}.{rng.randint(1, 254)}" for _ in range(count)]),
        }
    )


def techniques(data: Path, rules: RuleSet) -> dict[str, Any]:
    """Return on how many attack sets a finding names the technique, SigmaHQ alone and with our own, and high findings.

    Our own rules for Windows were written while looking at these very sets: the second figures are not a forecast.
    """
    own = own_rules()
    whole = RuleSet(rules.rules + own.rules, rules.correlations + own.correlations)
    return {**_right(data, rules, "sigmahq"), **_right(data, whole, "with_own")}


def _right(data: Path, rules: RuleSet, label: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    high = events = 0
    for name in ("otrf_host", "evtx_mitre"):
        table = parquet.read_table(data / "events" / f"{name}.parquet")
        sets = table["dataset"].to_pylist()
        wanted = {one: set(names.split(",")) for one, names in zip(sets, table["techniques"].to_pylist(), strict=True)}
        told: dict[str, set[str]] = defaultdict(set)
        loud = 0
        for row in score_events(table, rules).to_pylist():
            told[sets[row["row"]]] |= set(row["techniques"])
            loud += row["level"] in ("high", "critical")
        high, events = high + loud, events + table.num_rows
        found[f"{name}_{label}"] = f"{sum(bool(names & told[one]) for one, names in wanted.items())}/{len(wanted)}"
        found[f"{name}_{label}_high_per_1000"] = round(1000 * loud / table.num_rows, 2)
    return {**found, f"{label}_high_per_1000": round(1000 * high / events, 2)}
