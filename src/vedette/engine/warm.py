"""Compiles every kernel ahead of the first telemetry, by sending a small made-up stream through the whole path.

Compiling takes half a minute of CPU and leaves hundreds of megabytes behind in the process that does it, so
it is done once, by processes side by side; the server then loads what they left in the cache on disk.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import blake2b
from os import _exit, environ, nice, read
from pathlib import Path
from platform import python_version
from subprocess import PIPE, Popen
from threading import Lock, Thread
from typing import Final

from vedette import kernels
from vedette.records.schema import Signal
from vedette.records.wire import piece, text

Progress = Callable[[int, int], None]
Step = Callable[[], None]

ACCESS: Final = b'192.0.2.1 - - [10/Oct/2000:13:%02d:36 -0700] "GET /a?b=1 HTTP/1.1" 200 1 "-" "x"\n'
LINE: Final = (
    b'{"ts":"2000-10-10T13:%02d:36Z","service":"a","level":"error","trace_id":"0af7651916cd43dd8448eb211c80319c",'
    b'"msg":"b \\"1\\" x@example.org","path":"/c","status":404,"duration_ms":1.5,"user_id":7}\n'
)
MINUTES: Final = 9
NICE: Final = 5
"""Of the processes that compile, so that the server answers meanwhile."""


def warm(progress: Progress) -> None:
    """Compile all kernels if need be, and load them; `progress` is told ``(done, total)``. Blocks."""
    stamp = _stamp()
    if not stamp.exists():
        compile_apart(progress)
    for steps in PARTS.values():
        for step in steps():
            step()
    with suppress(OSError):  # then the next start looks again
        stamp.touch()
    kernels.settle()
    kernels.release_compiler()


def compile_apart(progress: Progress) -> None:
    """Compile each part in a process of its own; one that fails leaves its work to the caller."""
    total = sum(len(list(steps())) for steps in PARTS.values())
    done, lock = [0], Lock()

    def follow(part: str) -> None:
        with Popen([sys.executable, "-m", __name__, part], stdin=PIPE, stdout=PIPE) as child:
            assert child.stdout is not None
            for _ in child.stdout:
                with lock:
                    done[0] += 1
                    progress(done[0], total)

    followers = [Thread(target=follow, args=(part,), name=f"compile {part}", daemon=True) for part in PARTS]
    for follower in followers:
        follower.start()
    for follower in followers:
        follower.join()


def _stamp() -> Path:
    """Return the file, beside the compiled kernels, that says that these very kernels are compiled for this machine."""
    import llvmlite.binding
    import numba

    from vedette.kernels.texts import gather

    sources = sorted(Path(kernels.__file__).parent.glob("*.py"))
    parts = [
        numba.__version__,
        python_version(),
        environ.get("NUMBA_CPU_NAME") or llvmlite.binding.get_host_cpu_name(),
        *(f"{path.name} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in sources),
    ]
    digest = blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
    return Path(gather.stats.cache_path) / f"compiled-{digest}"


def lines() -> Iterator[Step]:
    """Yield the steps that decode text, match rules and protect."""
    for name in kernels.LINES:
        yield _module(name)
    yield lambda: _protected("access", b"".join(ACCESS % minute for minute in range(MINUTES)))
    yield lambda: _protected("json", b"".join(LINE % minute for minute in range(MINUTES)))


def records() -> Iterator[Step]:
    """Yield the steps that decode OTLP."""
    yield lambda: _protected("logs", request(_LOG))
    yield lambda: _protected("spans", request(_SPAN))
    yield lambda: _protected("metrics", request(_METRIC))


def shard() -> Iterator[Step]:
    """Yield the steps that learn and judge."""
    for name in kernels.SHARD:
        yield _module(name)
    yield lambda: _judged(Signal.LOG, Signal.SPAN, Signal.METRIC)


def series() -> Iterator[Step]:
    """Yield the step that learns and judges numbers alone, half of what the shard compiles."""
    yield lambda: _judged(Signal.METRIC)


PARTS: Final[dict[str, Callable[[], Iterator[Step]]]] = {
    "series": series,
    "shard": shard,
    "lines": lines,
    "records": records,
}


def _module(name: str) -> Step:
    return lambda: kernels.warm(name)


def _protected(kind: str, data: bytes) -> None:
    """Decode, mark and protect some records; by rules made here, as those in force are files that may fail."""
    from vedette.assembly import make_gate, make_match
    from vedette.config.schema import Config
    from vedette.decode.access import AccessLog
    from vedette.decode.json_lines import JsonLines
    from vedette.decode.otlp import decode_logs, decode_metrics, decode_spans
    from vedette.indicators.index import Index
    from vedette.rules.model import KEYWORD, And, Atom, Head, Kind, Not, Or, Rule, RuleSet, Source

    decoders = {
        "access": AccessLog("a").decode,
        "json": JsonLines("a").decode,
        "logs": decode_logs,
        "spans": decode_spans,
        "metrics": decode_metrics,
    }
    texts = [Atom("c-uri", one, "a") for one in (Kind.EQUALS, Kind.CONTAINS, Kind.STARTS, Kind.ENDS)]
    costly = And((Not(Atom(KEYWORD, Kind.CONTAINS, "never")), Atom("c-uri", Kind.REGEX, "a.b")))
    cheap = Or((*texts, Atom(KEYWORD, Kind.CONTAINS, "b")))
    rules = Rule(Head("cheap", "", "low"), Source(), cheap), Rule(Head("costly", "", "low"), Source(), costly)
    mark = make_match(Config(), RuleSet(rules), Index([]))
    gate = make_gate(Config(), bytes(32))
    for batch in decoders[kind](data, 0).batches:
        gate.protect(mark(batch))


def _judged(*signals: Signal) -> None:
    """Send batches made by hand through a shard, so that no decoder is compiled for it."""
    import pyarrow as pa

    from vedette.assembly import make_shard
    from vedette.config.schema import Config
    from vedette.journal.log import Chunk
    from vedette.privacy.gate import Gate
    from vedette.privacy.policy import Policy, Treatment
    from vedette.records import schema
    from vedette.records.batch import RawBatch, SafeBatch
    from vedette.records.time import SECOND

    def batch(signal: Signal, **columns: object) -> SafeBatch:
        types = schema.columns_of(signal)
        times = [60 * minute * SECOND for minute in range(1, MINUTES + 1)]
        arrays = {name: pa.array([value] * MINUTES).cast(types[name]) for name, value in columns.items()}
        arrays[schema.TIME] = pa.array(times).cast(types[schema.TIME])
        open_gate = Gate(Policy(dict.fromkeys(types, Treatment.KEEP)), bytes(32))  # nothing to look for, made up here
        return open_gate.protect(
            RawBatch(signal, pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays)))
        )

    event = {
        schema.SERVICE: "a",
        schema.SEVERITY: "error",
        schema.BODY: "b 1",
        schema.METHOD: "GET",
        schema.PATH: "/c/1",
        schema.STATUS: 404,
        schema.RESPONSE_SIZE: 1,
        schema.DURATION: 1.5,
        schema.CLIENT: "c_1",
        schema.USER: "u_1",
        schema.BODY_SHAPE: "a:int:d:1",
    }
    point = {
        schema.SERVICE: "a",
        schema.METRIC_NAME: "m",
        schema.METRIC_KIND: "gauge",
        schema.METRIC_VALUE: 1.0,
        schema.METRIC_COUNT: 1,
        schema.ATTRIBUTES: "a=1",
    }
    model = make_shard(Config())
    made = (batch(signal, **(point if signal is Signal.METRIC else event)) for signal in signals)
    model.step(Chunk(1, None, tuple(made)))
    model.finish()


def _pair(key: str, value: str) -> bytes:
    return text(1, key) + piece(2, text(1, value))


def _fixed(field: int, value: int) -> bytes:
    return bytes([field << 3 | 1]) + struct.pack("<Q", value)


_MOMENT: Final = 971_187_816_000_000_000
_ATTRIBUTES: Final = (_pair("url.path", "/c"), _pair("odd", "x"))
_LOG: Final = _fixed(1, _MOMENT) + piece(5, text(1, "b")) + b"".join(piece(6, pair) for pair in _ATTRIBUTES)
_SPAN: Final = (
    piece(1, bytes(range(16)))
    + piece(2, bytes(range(8)))
    + text(5, "b")
    + _fixed(7, _MOMENT)
    + _fixed(8, _MOMENT + 1)
    + b"".join(piece(9, pair) for pair in _ATTRIBUTES)
)
_POINT: Final = piece(7, _ATTRIBUTES[1]) + _fixed(3, _MOMENT) + b"\x21" + struct.pack("<d", 1.5)
_METRIC: Final = text(1, "m") + piece(5, piece(1, _POINT))


def request(record: bytes) -> bytes:
    """Return an OTLP export request of one record, from one resource."""
    return piece(1, piece(1, piece(1, _pair("service.name", "a"))) + piece(2, piece(2, record)))


def _leave_with_parent() -> None:
    """End this process when the one that started it does: standard input is then closed."""
    read(0, 1)
    _exit(1)


def main(part: str) -> None:
    """Compile one part, telling each step by a line."""
    kernels.quiet_threads()
    nice(NICE)
    Thread(target=_leave_with_parent, daemon=True).start()
    for step in PARTS[part]():
        step()
        sys.stdout.write("\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
