"""Compiles every kernel ahead of the first telemetry, by sending a small made-up stream through the whole path."""

from __future__ import annotations

from collections.abc import Callable

from vedette import kernels
from vedette.assembly import make_gate, make_shard
from vedette.config.schema import Config
from vedette.decode.access import AccessLog
from vedette.decode.json_lines import JsonLines
from vedette.decode.otlp import decode_logs, decode_spans
from vedette.journal.log import Chunk
from vedette.records.batch import Decoded

ACCESS = b'192.0.2.1 - - [10/Oct/2000:13:%02d:36 -0700] "GET /a?b=1 HTTP/1.1" 200 1 "-" "x"\n'
LINE = (
    b'{"ts":"2000-10-10T13:%02d:36Z","service":"a","level":"error",'
    b'"msg":"b 1","path":"/c","status":404,"duration_ms":1.5}\n'
)
EMPTY = b""


def warm(config: Config, progress: Callable[[int, int], None]) -> None:
    """Compile or load all kernels; `progress` is told ``(done, total)``."""
    stages = 6
    kernels.warm(lambda done, total: progress(done, total * stages // 2))
    gate, shard = make_gate(config, bytes(32)), make_shard(config)
    steps: tuple[Callable[[], Decoded], ...] = (
        lambda: AccessLog("a").decode(b"".join(ACCESS % minute for minute in range(9)), 0),
        lambda: JsonLines("a").decode(b"".join(LINE % minute for minute in range(9)), 0),
        lambda: decode_logs(EMPTY, 0),
        lambda: decode_spans(EMPTY, 0),
    )
    for number, step in enumerate(steps, 1):
        batches = tuple(gate.protect(batch) for batch in step().batches)
        shard.step(Chunk(number, None, batches))
        shard.finish()
        progress(2 + number, stages)
