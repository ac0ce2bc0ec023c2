"""sqlmap, ffuf and gobuster against the bundled shop on loopback; half an hour of odd but harmless visitors.

The tools run for real, bounded in time, against the real shop (`TOOLS` says how). What its instrumentation exports of
them is laid into a day of the shop's traffic: times are shifted by one amount for each tool, nothing else is changed.
An attacking request is in an incident's evidence if one of its findings is of that request's window and of its route,
or of the service as a whole, and the incident names the attacker first among its actors.

Odd visitors ask the real shop too, one after the other as fast as it answers; then each span is given the time and
the duration that the traffic's model drew for the visit. So half an hour passes in seconds, in event time.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from vedette.assembly import make_entry, make_shard
from vedette.config.load import load
from vedette.decode.otlp import decode_spans
from vedette.journal.log import Chunk
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident, Phase
from vedette.records.report import Report
from vedette.records.time import SECOND
from vedette.simulate.dataset import payloads, shop_visits
from vedette.simulate.model import Traffic, Visit
from vedette.simulate.otlp import spans as as_spans
from vedette.simulate.shop.service import ShopService, answer_sizes
from vedette.state.tree import Tree

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ATTACKER = "203.0.113.7"
WORDS = 200
LIMIT = 120
"""Seconds after which a tool is ended."""

DAYS, RATE = 1.5, 1.0
END = 1_790_000_000 - 1_790_000_000 % 86_400 + 14 * 3600
"""When the tools begin: a Monday, 14:00 UTC."""

AFTER = 240.0
ODD_FOR, ODD_SHARE, ODD_RATE = 1800.0, 0.06, 2.0

ODD_WORDS = (
    "O'Brien+%26+sons", "50%25+off%3B+select+size", "drop+shadow+lamp", "%3C3", "%F0%9F%98%80+lamp", "union+jack+flag",
    "1%3D1+t-shirt", "where+is+my+order%3F", "..%2F..", "a" * 300, "%22wool%22+or+%22cotton%22", "rock+%27n%27+roll",
    "desk%0Alamp", "table+--+oak", "%E8%8C%B6", "", "script+font+poster", "0", "null", "etc",
)  # fmt: skip
ODD_NOTES = (
    "it's O'Brien & co; select your gift", "<3 <3 <3", "50% off; union jack wrapping", "call +49 170 5550123 -- thanks",
    "Ünïcödé 🎁🎁", "a" * 400, "\"quoted\"", "line one\nline two", "1=1?", "{not json}", "C:\\Users\\me", "",
)  # fmt: skip
ODD_PATHS = (
    "/favicon.ico",
    "/robots.txt",
    "/product/99999",
    "/Search?q=lamp",
    "/product/12/",
    "/search",
    "/sitemap.xml",
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and its words, given the shop's address and a folder to write into."""

    program: str
    words: Callable[[str, Path], list[str]]


def _sqlmap(url: str, folder: Path, *more: str) -> list[str]:
    plain = ["--batch", "--disable-coloring", "--flush-session", "--output-dir", str(folder)]
    return ["sqlmap", "-u", url, "--user-agent", BROWSER, "--headers", f"X-Forwarded-For: {ATTACKER}", *plain, *more]


def _list(folder: Path) -> str:
    names = ("admin", "backup", "old", "test", "api", "config", "db", "login", "uploads", "private")
    ends = ("", ".php", ".bak", ".zip", ".txt", "2", "_old", ".sql", ".tar", "s", "-1", ".conf", ".xml", ".env", "/v1",
            "~", ".log", ".json", ".old", ".inc")  # fmt: skip
    path = folder / "words.txt"
    path.write_text("".join(f"{name}{end}\n" for name in names for end in ends))
    return str(path)


TOOLS = {
    "sqlmap, query": Tool("sqlmap", lambda url, folder: _sqlmap(f"{url}/search?q=lamp", folder)),
    "sqlmap, JSON": Tool(
        "sqlmap",
        lambda url, folder: _sqlmap(f"{url}/checkout", folder, "--data", '{"item": 3, "note": "thanks"}'),
    ),
    "sqlmap, JSON, disguised": Tool(
        "sqlmap",
        lambda url, folder: _sqlmap(
            f"{url}/checkout", folder, "--data", '{"item": 3, "note": "thanks"}', "--tamper", "space2comment,randomcase"
        ),
    ),
    "ffuf": Tool(
        "ffuf",
        lambda url, folder: ["ffuf", "-s", "-w", _list(folder), "-u", f"{url}/FUZZ", "-t", "4",
                             "-H", f"User-Agent: {BROWSER}", "-H", f"X-Forwarded-For: {ATTACKER}"],
    ),
    "gobuster": Tool(
        "gobuster",
        lambda url, folder: ["gobuster", "dir", "-q", "-t", "4", "-w", _list(folder), "-u", url, "-a", BROWSER,
                             "-H", f"X-Forwarded-For: {ATTACKER}"],
    ),
}  # fmt: skip


class Collected(SpanExporter):
    """Keeps what is exported."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Keep spans."""
        self.spans += spans
        return SpanExportResult.SUCCESS

    def taken(self) -> list[ReadableSpan]:
        """Return what was exported since the last call, by start."""
        spans, self.spans = sorted(self.spans, key=lambda span: span.start_time or 0), []
        return spans


class Watch:
    """The product's own path from telemetry to incidents, without a server."""

    def __init__(self) -> None:
        config = load(None, overrides={"features.window": "60s", "features.lateness": "5s"}, environ={})
        self._enter = make_entry(config, b"k" * 32)
        self._make = lambda: make_shard(config)
        model = self._make()
        for number, body in enumerate(payloads(shop_visits(DAYS, RATE, 7, END), 7), 1):
            model.step(Chunk(number, None, tuple(self.protected(body))))
        self._learned: Tree = model.snapshot()

    def protected(self, body: bytes) -> Iterator[SafeBatch]:
        """Yield an export request as the journal gets it."""
        return (self._enter(batch) for batch in decode_spans(body, 0).batches)

    def judge(self, parts: Iterable[bytes]) -> tuple[list[Incident], list[Finding]]:
        """Return what fires, and all findings, when telemetry follows on the days that were learned."""
        model = self._make()
        model.restore(self._learned)
        incidents, findings = dict[str, Incident](), list[Finding]()

        def note(report: Report) -> None:
            for one in report.incidents:  # each tells of what is new in its window
                before = incidents[one.id].finding_ids if one.id in incidents else ()
                incidents[one.id] = replace(one, finding_ids=(*before, *one.finding_ids))
            findings.extend(report.findings)

        for number, body in enumerate(parts, 1_000_000):
            note(model.step(Chunk(number, None, tuple(self.protected(body)))))
        note(model.finish())
        return [one for one in incidents.values() if one.phase is not Phase.PENDING], findings


def run(data: Path) -> dict[str, Any]:
    """Return a row for each tool that is installed, and the incidents of odd visitors; `data` is not needed."""
    del data
    watch = Watch()
    return {
        "tools": {name: attacked(name, watch) for name, tool in TOOLS.items() if shutil.which(tool.program)},
        "missing": sorted({tool.program for tool in TOOLS.values() if not shutil.which(tool.program)}),
        "odd_visitors": [odd(watch, seed) for seed in (1, 2, 3)],
    }


def attacked(name: str, watch: Watch) -> dict[str, Any]:
    """Return what became of one tool's run."""
    spans = ran(TOOLS[name])
    shift = round((END + 30) * SECOND) - (spans[0].start_time or 0)
    length = ((spans[-1].start_time or 0) - (spans[0].start_time or 0)) / SECOND
    ordinary = Traffic(RATE, 8).between(END, END + 30 + length + AFTER)
    attack = encoded(spans, [((span.start_time or 0) + shift, (span.end_time or 0) + shift) for span in spans])
    fired, findings = watch.judge(in_order(attack, ordinary))
    rows = [batch for body, _ in attack for batch in watch.protected(body)]
    mine = [evidence(one, findings, rows) for one in fired]
    return {
        "requests": len(spans),
        "seconds": round(length),
        "incidents": len(fired),
        "kinds": [one.kind.value for one in fired],
        "techniques": sorted({technique for one in fired for technique in one.techniques}),
        "titles": [one.title for one in fired],
        "in_evidence": round(float(np.logical_or.reduce(mine).mean()) if mine else 0.0, 3),
    }


def ran(tool: Tool) -> list[ReadableSpan]:
    """Run a tool against a shop of its own; returns the spans of its requests, by start."""
    kept = Collected()
    shop = ShopService(kept)
    try:
        with TemporaryDirectory() as folder:
            words = tool.words(f"http://127.0.0.1:{shop.port}", Path(folder))
            done = subprocess.run(["timeout", str(LIMIT), *words], capture_output=True, text=True, check=False)
    finally:
        shop.close()
    spans = kept.taken()
    if not spans:
        raise RuntimeError(f"{tool.program} asked nothing: {done.stdout[-500:]}{done.stderr[-500:]}")
    return spans


def encoded(spans: Sequence[ReadableSpan], times: Sequence[tuple[int, int]]) -> list[tuple[bytes, float]]:
    """Return each span as an export request of its own, at other times (ns), with its new start in seconds."""
    made = []
    for span, (start, end) in zip(spans, times, strict=True):
        request = encode_spans([span])
        record: Span = request.resource_spans[0].scope_spans[0].spans[0]
        record.start_time_unix_nano, record.end_time_unix_nano = start, end
        made.append((request.SerializeToString(), start / SECOND))
    return made


def in_order(attack: Sequence[tuple[bytes, float]], ordinary: Iterator[Visit]) -> Iterator[bytes]:
    """Yield the attack's telemetry and the shop's in order of time, in parts of ten seconds."""
    sizes = answer_sizes()
    visits = [(as_spans([visit], sizes, 100 + number), visit.time) for number, visit in enumerate(ordinary)]
    part, begun = b"", 0.0
    for body, moment in merge(attack, visits, key=lambda one: one[1]):
        if part and moment - begun >= 10:
            yield part
            part = b""
        begun = begun if part else moment
        part += body  # export requests add up by concatenation, as protobuf's repeated fields do
    yield part


def evidence(incident: Incident, findings: Sequence[Finding], rows: Sequence[SafeBatch]) -> np.ndarray[Any, Any]:
    """Say which of the attacking requests an incident has in its evidence."""
    mine = {finding.id: finding for finding in findings if finding.id in incident.finding_ids}.values()
    return np.concatenate([_covered(incident, mine, batch.columns) for batch in rows])


def _covered(incident: Incident, findings: Iterable[Finding], rows: pa.RecordBatch) -> np.ndarray[Any, Any]:
    times = rows.column(schema.TIME).cast(pa.int64()).to_numpy()
    routes = rows.column(schema.ROUTE).to_pylist() if schema.ROUTE in rows.schema.names else [None] * len(rows)
    methods = rows.column(schema.METHOD).to_pylist()
    places = np.array([f"{method} {route}" if route else "" for method, route in zip(methods, routes, strict=True)])
    first = next((one.partition(" ")[2] for one in incident.entities), "")
    named = pc.equal(rows.column(schema.CLIENT).cast(pa.string()), first)
    covered = np.zeros(len(rows), np.bool_)
    for one in findings:
        here = np.full(len(rows), True) if not one.segment.operation else places == one.segment.operation
        covered |= here & (times >= one.start) & (times < one.end)
    return covered & named.to_numpy(zero_copy_only=False)


def odd(watch: Watch, seed: int) -> dict[str, Any]:
    """Return what half an hour of mixed traffic with odd inputs led to."""
    visits = list(strange(Traffic(ODD_RATE, 40 + seed).between(END, END + ODD_FOR), seed))
    kept = Collected()
    shop = ShopService(kept)
    try:
        for visit in visits:
            shop.ask(replace(visit, takes=0.0))
    finally:
        shop.close()
    spans = kept.taken()
    times = [(round(visit.time * SECOND), round((visit.time + visit.takes) * SECOND)) for visit in visits]
    fired, _ = watch.judge(in_order(encoded(spans, times), iter(())))
    return {
        "requests": len(spans),
        "odd": sum(visit.status < 0 for visit in visits),
        "security_incidents": [one.title for one in fired if one.kind is Kind.SECURITY],
        "other_incidents": [one.title for one in fired if one.kind is not Kind.SECURITY],
    }


def strange(visits: Iterator[Visit], seed: int) -> Iterator[Visit]:
    """Yield visits of which some ask for something odd; those have the status -1, as nothing is known of it."""
    rng = np.random.default_rng(seed)
    for visit in visits:
        if rng.random() >= ODD_SHARE:
            yield visit
            continue
        path, body = visit.path, visit.body
        if visit.route == "/search":
            path = f"/search?q={ODD_WORDS[int(rng.integers(len(ODD_WORDS)))]}"
        elif visit.route == "/checkout":
            body = {**(body or {}), "note": ODD_NOTES[int(rng.integers(len(ODD_NOTES)))]}
        elif visit.route == "/login":
            body = {"name": f"O'Neil{int(rng.integers(9))}", "password": "p' or not"}
        elif visit.method == "GET":
            path = ODD_PATHS[int(rng.integers(len(ODD_PATHS)))]
        yield replace(visit, path=path, body=body, status=-1)
