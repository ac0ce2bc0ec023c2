"""A real uvicorn server on loopback in front of an intake that keeps everything in memory."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from vedette.decode import otlp, otlp_json
from vedette.decode.json_lines import JsonLines
from vedette.errors import Backpressure
from vedette.receive.base import Decoders
from vedette.receive.http import Door, ingest_routes
from vedette.receive.keys import Keys
from vedette.records.batch import Decoded, RawBatch

NOW = 1_700_000_000_000_000_000
DECODERS = Decoders(
    protobuf={"logs": otlp.decode_logs, "traces": otlp.decode_spans, "metrics": otlp.decode_metrics},
    json={"logs": otlp_json.decode_logs, "traces": otlp_json.decode_spans, "metrics": otlp_json.decode_metrics},
    lines=lambda service: JsonLines(service).decode,
)


@dataclass
class Memory:
    """Keeps what is handed in, each digest once; can be told to refuse."""

    batches: list[RawBatch] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    digests: list[bytes | None] = field(default_factory=list)
    refusals: int = 0
    """How many calls to refuse before taking again."""
    refused: int = 0
    calls: int = 0

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        self.calls += 1
        if self.refusals:
            self.refusals -= 1
            self.refused += 1
            raise Backpressure("the journal is behind", 0.3)
        done: Future[int] = Future()
        if digest is None or digest not in self.digests:
            self.digests.append(digest)
            self.batches += decoded.batches
            self.sources[source] += decoded.accepted
        done.set_result(len(self.digests))
        return done

    def rows(self) -> int:
        return sum(len(batch) for batch in self.batches)

    def column(self, name: str) -> list[object]:
        return [value for batch in self.batches for value in batch.columns.column(name).to_pylist()]


def make_app(intake: object, keys_file: Path, max_request: int = 64 << 20, decoders: Decoders = DECODERS) -> FastAPI:
    app = FastAPI()
    app.include_router(ingest_routes(Door(intake, Keys(keys_file), decoders, max_request, lambda: NOW)))
    return app


@contextmanager
def running(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve on loopback; yields the address."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    await_true(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()


def await_true(check: Callable[[], object], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)
