"""What senders get wrong: a clear answer each, nothing lost, and the good beside it is taken."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.interop.server import RunningServer
from tests.unit.decode.test_otlp import spans

from vedette.receive.keys import Keys

PROTOBUF = "application/x-protobuf"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("data"), VEDETTE_SERVER_MAX_REQUEST="12MiB")
    running.start()
    yield running
    assert running.stop() in (0, 130)


def good() -> bytes:
    return spans(**{"url.path": "/a"}).SerializeToString()


def test_protobuf_and_json_are_taken(server: RunningServer) -> None:
    assert server.ask("/v1/traces", good(), Content_Type=PROTOBUF) == (200, b"")
    assert server.ask("/v1/traces", b"{}", Content_Type="application/json") == (200, b"{}")
    assert server.ask("/v1/traces", gzip.compress(good()), Content_Type=PROTOBUF, Content_Encoding="gzip")[0] == 200
    assert server.ask("/v1/traces", zlib.compress(good()), Content_Type=PROTOBUF, Content_Encoding="deflate")[0] == 200


def test_a_gzip_bomb_is_413_without_being_unpacked(server: RunningServer) -> None:
    bomb = gzip.compress(bytes(200 << 20), 9)
    status, body = server.ask("/v1/traces", bomb, Content_Type=PROTOBUF, Content_Encoding="gzip")
    assert status == 413
    assert b"after decompression" in body
    assert body[0] == 0x08, "a google.rpc.Status"
    held = int(Path(f"/proc/{server.pid}/status").read_text().split("VmHWM:")[1].split()[0])
    assert held < 1 << 20, "under a gigabyte at the highest, in kB"


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (good()[:-3], {}, 400, b"truncated_protobuf"),
        (b"\xff" * 50, {}, 400, b"truncated_protobuf"),
        (b"not gzip", {"Content_Encoding": "gzip"}, 400, b"invalid_compression"),
        (gzip.compress(good())[:-9], {"Content_Encoding": "gzip"}, 400, b"invalid_compression"),
        (good(), {"Content_Encoding": "br"}, 415, b"unsupported_encoding"),
        (good(), {"Content_Type": "text/plain"}, 415, b"expected application/x-protobuf"),
        (b"{", {"Content_Type": "application/json"}, 400, b"invalid_json"),
        (bytes(13 << 20), {}, 413, b"too_large"),
    ],
)
def test_what_is_wrong_is_named(
    server: RunningServer, body: bytes, headers: dict[str, str], status: int, words: bytes
) -> None:
    code, answer = server.ask("/v1/traces", body, **{"Content_Type": PROTOBUF, **headers})
    assert code == status
    assert words in answer


def test_json_lines_count_what_was_refused(server: RunningServer) -> None:
    lines = [b'{"msg":"a"}', b"nope", b'{"msg":"\xff"}', b'{"msg":"' + b"x" * (10 << 20) + b'"}', b'{"msg":"b"}']
    status, body = server.ask("/api/v1/ingest?service=app", b"\n".join(lines))
    assert status == 200
    assert json.loads(body) == {
        "accepted": 2,
        "rejected": 3,
        "reasons": {"invalid_json": 1, "invalid_utf8": 1, "line_too_long": 1},
    }
    assert server.api("status")["tiles"]["unreadable"]["total"] >= 3


def test_a_retry_is_taken_once(server: RunningServer) -> None:
    before = {one["source"]: one["events_total"] for one in server.api("sources")["items"]}
    request = ExportTraceServiceRequest()
    request.ParseFromString(good())
    request.resource_spans[0].scope_spans[0].spans[0].name = "retried"
    for _ in range(3):
        assert server.ask("/v1/traces", request.SerializeToString(), Content_Type=PROTOBUF)[0] == 200
    assert before
    text = server.ask("/metrics")[1].decode()
    assert "vedette_records_accepted_total" in text


def test_a_wrong_key_is_401_and_a_wrong_scope_403(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    reader, sender = keys.create("reader", ("read",)), keys.create("sender", ("ingest",))
    server = RunningServer(tmp_path)
    words = {"Content_Type": PROTOBUF}
    server.start()
    try:
        assert server.ask("/v1/traces", good(), **words)[0] == 401
        assert server.ask("/v1/traces", good(), **words, Authorization="Bearer vdt_0_0")[0] == 401
        assert server.ask("/v1/traces", good(), **words, Authorization=f"Bearer {reader}")[0] == 403
        assert server.ask("/v1/traces", good(), **words, Authorization=f"Bearer {sender}")[0] == 200
        assert server.ask("/api/v1/status")[0] == 401
        assert server.ask("/api/v1/status", Authorization=f"Bearer {reader}")[0] == 200
    finally:
        server.stop()
