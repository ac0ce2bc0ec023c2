"""JSON log events per CPU-second through the whole path, beside the per-event chain orjson + re + drain3 + river."""

from __future__ import annotations

import random
import re
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from vedette.kernels import quiet_threads, settle

quiet_threads()

EVENTS = 300_000
PEER_EVENTS = 10_000
CHUNK = 10_000
START = datetime(2026, 1, 5, tzinfo=UTC)


def events(count: int, seed: int = 7) -> list[bytes]:
    """Return seeded application log lines: ten services, five pods each, eight sorts of messages."""
    rng = random.Random(seed)
    services = ["checkout", "cart", "payment", "auth", "catalog", "frontend", "shipping", "email", "search", "ad"]
    clients = [".".join(str(rng.randint(1, 250)) for _ in range(4)) for _ in range(5000)]
    lines, at = [], 0.0
    for _ in range(count):
        at += rng.expovariate(500)
        path = _path(rng)
        line = {
            "ts": (START + timedelta(seconds=at)).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "level": rng.choices(["INFO", "DEBUG", "WARN", "ERROR"], [85, 8, 5, 2])[0],
            "service": rng.choice(services),
            "msg": _message(rng, path),
            "trace_id": f"{rng.getrandbits(128):032x}",
            "span_id": f"{rng.getrandbits(64):016x}",
            "duration_ms": round(rng.lognormvariate(3, 1), 3),
            "http": {
                "method": rng.choices(["GET", "POST", "PUT"], [80, 18, 2])[0],
                "status": rng.choices([200, 201, 304, 404, 500], [90, 4, 3, 2, 1])[0],
                "path": path,
                "client_ip": rng.choice(clients),
            },
            "user_id": rng.randint(1, 9999),
        }
        lines.append(orjson.dumps(line))
    return lines


def _path(rng: random.Random) -> str:
    kind = rng.randrange(6)
    number = rng.randint(1, 99_999)
    return (
        "/",
        "/checkout",
        f"/api/v1/users/{number}",
        f"/api/v1/orders/{number}/items",
        f"/product/{number}",
        f"/search?q=shoes&page={number % 7}",
    )[kind]


def _message(rng: random.Random, path: str) -> str:
    kind = rng.randrange(8)
    number = rng.randint(1, 99_999)
    return (
        f"request completed in {number / 100:.2f} ms path={path}",
        f"user {number} logged in",
        f"order {number:012x} placed total={number / 100:.2f} EUR",
        f"cache miss for key product:{number} shard {number % 16}",
        f"payment authorized ref {number:016x}",
        f"sending email to user{number}@example.com",
        f"db query took {number / 1000:.1f}ms rows={number % 500}",
        f"connection to 10.0.{number % 5}.{number % 250}:5432 failed: timed out after 5000 ms",
    )[kind]


def ours(lines: list[bytes], folder: Path) -> tuple[float, dict[str, float]]:
    """Run the whole path and return CPU seconds in all and by stage."""
    from vedette.assembly import make_gate, make_rules, make_shard
    from vedette.config.schema import Config
    from vedette.decode.json_lines import JsonLines
    from vedette.journal.log import Chunk, Journal
    from vedette.rules.mark import Marker
    from vedette.store.events import EventStore

    gate, shard, decoder = make_gate(Config(), bytes(32)), make_shard(Config()), JsonLines()
    mark = Marker(make_rules(Config()))
    stages = dict.fromkeys(("decode", "match", "protect", "journal", "shard", "store"), 0.0)
    payloads = [b"\n".join(lines[at : at + CHUNK]) + b"\n" for at in range(0, len(lines), CHUNK)]
    with Journal(folder / "journal") as journal:
        store = EventStore(folder / "events")

        def clocked(stage: str, work: Any) -> Any:
            began = time.process_time()
            result = work()
            stages[stage] += time.process_time() - began
            return result

        for payload in payloads:
            decoded = clocked("decode", lambda payload=payload: decoder.decode(payload, 0))
            marked = clocked("match", lambda decoded=decoded: tuple(map(mark, decoded.batches)))
            safe = clocked("protect", lambda marked=marked: tuple(map(gate.protect, marked)))
            number = clocked("journal", lambda safe=safe: journal.append(0, safe))
            report = clocked("shard", lambda number=number, safe=safe: shard.step(Chunk(number, None, safe)))
            clocked("store", lambda number=number, safe=safe, report=report: store.append(number, safe, report.points))
        clocked("store", store.flush)
    return sum(stages.values()), stages


MASK = re.compile(
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}|\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:\d[ -]?){13,16}\b"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b|\b\d{3}-\d{2}-\d{4}\b"
    r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\+\d{1,3}[ -]?\d{6,12}\b"
)


def peer(lines: list[bytes]) -> float:
    """Run the per-event chain and return CPU seconds: parse, mask, template, running statistics, half-space trees."""
    from drain3 import TemplateMiner
    from river import anomaly, stats

    miner, trees = TemplateMiner(), anomaly.HalfSpaceTrees(n_trees=25, height=10, window_size=250, seed=1)
    means: dict[tuple[str, int], tuple[Any, Any]] = {}
    began = time.process_time()
    for line in lines:
        event = orjson.loads(line)
        text = MASK.sub("<x>", event["msg"])
        MASK.sub("<x>", event["http"]["path"])
        cluster = miner.add_log_message(text)["cluster_id"]
        for place, value in enumerate((event["duration_ms"], float(event["http"]["status"] >= 500))):
            mean, variance = means.setdefault((event["service"], place), (stats.EWMean(0.1), stats.EWVar(0.1)))
            mean.update(value)
            variance.update(value)
        row = {
            "a": event["duration_ms"] / 1000,
            "b": event["http"]["status"] / 600,
            "c": len(text) / 300,
            "d": cluster % 97 / 97,
        }
        trees.score_one(row)
        trees.learn_one(row)
    return time.process_time() - began


def run(data: Path) -> dict[str, Any]:
    """Return events per CPU-second of both, and their ratio; the median of three runs."""
    del data
    lines = events(EVENTS)
    runs = []
    for _ in range(4):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(ours(lines, Path(folder)))
        settle()  # as the server does once its kernels are loaded
    cpu, stages = sorted(runs[1:])[1]
    chain = peer(lines[:PEER_EVENTS]) / PEER_EVENTS
    return {
        "events": EVENTS,
        "events_per_cpu_second": round(EVENTS / cpu),
        "chain_events_per_cpu_second": round(1 / chain),
        "ratio": round(chain / (cpu / EVENTS), 1),
        "microseconds_per_event": {name: round(1e6 * spent / EVENTS, 2) for name, spent in stages.items()},
    }
