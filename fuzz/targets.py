"""One function a decoder: takes any bytes, fails only on a bug. `BadInput` is an answer, not a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedette.decode import otlp, otlp_json
from vedette.decode.access import AccessLog
from vedette.decode.json_lines import JsonLines
from vedette.decode.text import TextLines
from vedette.errors import BadInput
from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy
from vedette.records.batch import Decoded

GATE: Final = Gate(Policy.default(), bytes(32))

DECODERS: Final[dict[str, Callable[[bytes, int], Decoded]]] = {
    "json_lines": JsonLines("fuzz").decode,
    "access": AccessLog("fuzz").decode,
    "text": TextLines("fuzz").decode,
    "otlp_logs": otlp.decode_logs,
    "otlp_spans": otlp.decode_spans,
    "otlp_metrics": otlp.decode_metrics,
    "otlp_json_logs": otlp_json.decode_logs,
    "otlp_json_spans": otlp_json.decode_spans,
    "otlp_json_metrics": otlp_json.decode_metrics,
}

SEEDS: Final[dict[str, bytes]] = {
    "json_lines": b'{"ts":"2026-01-02T03:04:05Z","msg":"a \\u00e9","http":{"status":200}}\n{"x":[1,{}]}\n',
    "access": b'1.2.3.4 - a [10/Oct/2000:13:55:36 -0700] "GET /a?b=\\x22 HTTP/1.1" 200 2326 "-" "Mozilla"\n',
    "text": b"2026-01-02T03:04:05Z hello\nworld\n",
    "otlp_logs": bytes.fromhex("0a1f0a0d0a0b0a016112060a0473686f70120e120c090100000000000000100928"),
    "otlp_spans": bytes.fromhex("0a2312211a1f0a10000102030405060708090a0b0c0d0e0f12080001020304050607"),
    "otlp_metrics": bytes.fromhex("0a1a121812160a016d2a110a0f1901000000000000002100000000000000f03f"),
    "otlp_json_logs": b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]}',
    "otlp_json_spans": b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a","kind":2}]}]}]}',
    "otlp_json_metrics": b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":'
    b'[{"name":"a","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}',
}


def fuzz_one(name: str, data: bytes) -> None:
    """Decode and protect; whatever comes out must be sound columns."""
    try:
        decoded = DECODERS[name](data, 1)
    except BadInput:
        return
    for batch in decoded.batches:
        batch.columns.validate(full=True)
        GATE.protect(batch).columns.validate(full=True)
