"""Hostile, broken and unusual requests over a real socket."""

import gzip
import http.client
import json
import resource
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.protobuf.json_format import MessageToJson
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from tests.interop.loopback import Memory, make_app, running

from vedette.receive.keys import Keys

PROTOBUF = "application/x-protobuf"
LIMIT = 4 << 20


@pytest.fixture
def intake() -> Memory:
    return Memory()


@pytest.fixture
def url(intake: Memory, tmp_path: Path) -> Iterator[str]:
    with running(make_app(intake, tmp_path / "keys.json", LIMIT)) as address:
        yield address


def post(url: str, path: str, body: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", path, body, named, encode_chunked=not isinstance(body, bytes))
    answer = connection.getresponse()
    result = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return result


def some_logs(*bodies: str) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for number, body in enumerate(bodies):
        records.add(time_unix_nano=1_700_000_000_000_000_000 + number).body.string_value = body
    return request


def test_success_is_an_empty_response_message(url: str, intake: Memory) -> None:
    status, headers, body = post(url, "/v1/logs", some_logs("a", "b").SerializeToString(), content_type=PROTOBUF)
    assert (status, headers["content-type"]) == (200, PROTOBUF)
    assert not ExportLogsServiceResponse.FromString(body).HasField("partial_success")
    assert intake.column("body") == ["a", "b"]


def test_json_is_answered_in_json(url: str, intake: Memory) -> None:
    document = MessageToJson(some_logs("a", "ü")).encode()
    status, headers, body = post(url, "/v1/logs", document, content_type="application/json; charset=utf-8")
    assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", {})
    assert intake.column("body") == ["a", "ü"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_chunked_and_compressed(url: str, intake: Memory, encoding: str) -> None:
    data = some_logs(*map(str, range(500))).SerializeToString()
    packed = gzip.compress(data) if encoding == "gzip" else zlib.compress(data)
    pieces = (packed[at : at + 100] for at in range(0, len(packed), 100))
    status, _, _ = post(
        url, "/v1/logs", pieces, content_type=PROTOBUF, content_encoding=encoding, transfer_encoding="chunked"
    )
    assert status == 200
    assert intake.column("body") == [str(number) for number in range(500)]


def test_a_bomb_is_refused_and_memory_stays_small(url: str, intake: Memory) -> None:
    bomb = gzip.compress(bytes(512 << 20), 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status, _, body = post(url, "/v1/logs", bomb, content_type=PROTOBUF, content_encoding="gzip")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert status == 413
    assert Status.FromString(body).code == 8
    assert str(LIMIT) in Status.FromString(body).message
    assert grown < 64 << 10, "KiB"
    assert intake.calls == 0


def test_larger_than_the_limit_uncompressed(url: str, intake: Memory) -> None:
    status, _, body = post(url, "/v1/logs", bytes(LIMIT + 1), content_type=PROTOBUF)
    assert (status, Status.FromString(body).code) == (413, 8)
    assert intake.calls == 0


def test_truncated_protobuf_names_what_was_wrong(url: str, intake: Memory) -> None:
    whole = some_logs("a" * 100).SerializeToString()
    status, headers, body = post(url, "/v1/logs", whole[:-10], content_type=PROTOBUF)
    assert (status, headers["content-type"]) == (400, PROTOBUF)
    message = Status.FromString(body)
    assert message.code == 3
    assert "truncated_protobuf" in message.message
    assert intake.calls == 0


def test_truncated_json_is_refused_in_json(url: str, intake: Memory) -> None:
    status, headers, body = post(url, "/v1/logs", b'{"resourceLogs": [', content_type="application/json")
    assert (status, headers["content-type"], json.loads(body)["code"]) == (400, "application/json", 3)
    assert intake.calls == 0


@pytest.mark.parametrize(
    ("packed", "encoding", "status"),
    [
        (b"not gzip", "gzip", 400),
        (gzip.compress(b"x" * 1000)[:-9], "gzip", 400),
        (b"x", "zstd", 415),
    ],
)
def test_broken_and_unknown_compression(url: str, intake: Memory, packed: bytes, encoding: str, status: int) -> None:
    answer, _, body = post(url, "/v1/logs", packed, content_type=PROTOBUF, content_encoding=encoding)
    assert answer == status
    assert encoding in Status.FromString(body).message
    assert intake.calls == 0


@pytest.mark.parametrize("kind", ["text/plain", "", "application/grpc"])
def test_other_content_types_are_415(url: str, intake: Memory, kind: str) -> None:
    status, _, body = post(url, "/v1/logs", b"", content_type=kind)
    assert status == 415
    assert PROTOBUF in Status.FromString(body).message
    assert intake.calls == 0


def test_401_says_how_to_come_in(url: str, tmp_path: Path) -> None:
    key = Keys(tmp_path / "keys.json").create("test", ("ingest",))
    status, headers, body = post(url, "/v1/logs", b"", content_type=PROTOBUF)
    assert (status, Status.FromString(body).code) == (401, 16)
    assert headers["www-authenticate"].startswith("Bearer")
    basic = b64encode(f"any:{key}".encode()).decode()
    for value in (f"Bearer {key}", f"ApiKey {key}", f"Basic {basic}"):
        assert post(url, "/v1/logs", b"", content_type=PROTOBUF, authorization=value)[0] == 200


def test_403_for_a_key_without_the_scope(url: str, tmp_path: Path) -> None:
    key = Keys(tmp_path / "keys.json").create("test", ("read",))
    status, _, body = post(url, "/v1/logs", b"", content_type=PROTOBUF, authorization=f"Bearer {key}")
    assert (status, Status.FromString(body).code) == (403, 7)


def test_503_names_when_to_come_back_and_never_429(url: str, intake: Memory) -> None:
    intake.refusals = 1
    status, headers, body = post(url, "/v1/logs", some_logs("a").SerializeToString(), content_type=PROTOBUF)
    assert (status, headers["retry-after"], Status.FromString(body).code) == (503, "1", 14)
    assert intake.rows() == 0


def test_a_retry_of_the_same_payload_is_taken_in_once(url: str, intake: Memory) -> None:
    data = some_logs("a").SerializeToString()
    plain = post(url, "/v1/logs", data, content_type=PROTOBUF)
    packed = post(url, "/v1/logs", gzip.compress(data), content_type=PROTOBUF, content_encoding="gzip")
    assert (plain[0], packed[0]) == (200, 200)
    assert intake.rows() == 1


def test_the_same_bytes_to_another_path_are_another_payload(url: str, intake: Memory) -> None:
    for path in ("/v1/logs", "/v1/traces"):
        assert post(url, path, b"", content_type=PROTOBUF)[0] == 200
    assert len(set(intake.digests)) == 2


class TestJsonLines:
    def test_counts_what_it_took_and_why_it_did_not(self, url: str, intake: Memory) -> None:
        lines = b'{"message": "a"}\n{"message": \n\n{"message": "b"}\n[1]\n{"message": "\xff"}\n'
        status, _, body = post(url, "/api/v1/ingest?service=shop", lines)
        answer = json.loads(body)
        assert (status, answer["accepted"], answer["rejected"]) == (200, 2, 3)
        assert sum(answer["reasons"].values()) == 3
        assert answer["reasons"]["invalid_utf8"] == 1
        assert intake.column("body") == ["a", "b"]
        assert set(intake.column("service.name")) == {"shop"}

    def test_a_line_of_many_megabytes_costs_that_line_only(self, intake: Memory, tmp_path: Path) -> None:
        lines = b'{"message": "a"}\n{"message": "' + b"x" * (10 << 20) + b'"}\n{"message": "b"}\n'
        with running(make_app(intake, tmp_path / "keys.json")) as url:
            status, _, body = post(url, "/api/v1/ingest", lines)
        assert status == 200
        assert json.loads(body) == {"accepted": 2, "rejected": 1, "reasons": {"line_too_long": 1}}
        assert intake.column("body") == ["a", "b"]

    def test_the_same_lines_twice_are_two_payloads(self, url: str, intake: Memory) -> None:
        for _ in range(2):
            assert post(url, "/api/v1/ingest", b'{"message": "a"}\n')[0] == 200
        assert intake.rows() == 2

    def test_an_idempotency_key_makes_a_retry_known(self, url: str, intake: Memory) -> None:
        for key in ("one", "one", "two"):
            assert post(url, "/api/v1/ingest", b'{"message": "a"}\n', idempotency_key=key)[0] == 200
        assert intake.rows() == 2

    def test_503_names_when_to_come_back(self, url: str, intake: Memory) -> None:
        intake.refusals = 1
        status, headers, _ = post(url, "/api/v1/ingest", b'{"message": "a"}\n')
        assert (status, headers["retry-after"]) == (503, "1")
