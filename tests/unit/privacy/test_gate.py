import gzip
import re
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest

from vedette.errors import ConfigError
from vedette.privacy.find import luhn, mask
from vedette.privacy.gate import Gate, parameter_names, safe_shape
from vedette.privacy.policy import Policy
from vedette.privacy.pseudonym import Pseudonyms, normal
from vedette.records import schema
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.schema import Signal

KEY = b"k" * 32

CANARIES = {
    "email": "jane.canary@example.org",
    "ip": "198.51.100.77",
    "ipv6": "2001:db8:85a3::8a2e:370:7334",
    "card": "4111 1111 1111 1111",
    "iban": "GB29 NWBK 6016 1331 9268 19",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlY2FuYXJ5",
    "bearer": "Bearer canarytoken1234567890",
    "aws": "AKIACANARY1234567890"[:20],
    "password": "password=canaryhunter2",
    "ssn": "078-05-1120",
    "phone": "+49 170 5550123",
}


def safe(batch: pa.RecordBatch, policy: Policy | None = None) -> SafeBatch:
    return Gate(policy or Policy.default(), KEY).protect(RawBatch(Signal.LOG, batch))


def event(**columns: list[str]) -> pa.RecordBatch:
    count = len(next(iter(columns.values())))
    arrays = {schema.TIME: pa.array(range(count), pa.int64()).cast(schema.TIME_TYPE)}
    for name, values in columns.items():
        text = pa.array(values, pa.string())
        arrays[name] = text.dictionary_encode() if schema.EVENT_COLUMNS.get(name) == schema.LABEL else text
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def written(batch: SafeBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.columns.schema) as writer:
        writer.write_batch(batch.columns)
    return sink.getvalue().to_pybytes()


def spellings(value: str) -> list[bytes]:
    return [
        value.encode(),
        value.lower().encode(),
        quote(value).encode(),
        b64encode(value.encode()),
        value.encode().hex().encode(),
        value[::-1].encode(),
    ]


@pytest.mark.parametrize("kind", CANARIES)
@pytest.mark.parametrize(
    "column", [name for name, kind in schema.EVENT_COLUMNS.items() if kind in (schema.TEXT, schema.LABEL)]
)
def test_no_canary_survives_in_any_column(kind: str, column: str) -> None:
    canary = CANARIES[kind]
    secret = canary.partition("=")[2] or canary
    data = written(safe(event(**{column: [f"seen {canary} here", "ok", canary]})))
    assert not [text for text in spellings(secret) if text in data]
    assert secret.encode() not in gzip.compress(data)


def test_unknown_columns_and_raw_are_dropped() -> None:
    batch = event(**{schema.BODY: ["a"], schema.RAW: ["Jane Doe"]}).append_column("nickname", pa.array(["Jane Doe"]))
    assert safe(batch).columns.schema.names == [schema.TIME, schema.BODY]


def test_values_of_a_query_never_pass() -> None:
    batch = event(**{schema.QUERY: ["name=Jane+Doe&q=private&me@example.com=1"]})
    assert safe(batch).columns.column(schema.QUERY).to_pylist() == ["*&name&q"]


def test_a_structure_that_is_none_does_not_pass() -> None:
    batch = event(**{schema.BODY_SHAPE: ["q:str:as:16|id:int:d:4", "Jane Doe", "Jane Doe:str:a:8"]})
    assert safe(batch).columns.column(schema.BODY_SHAPE).to_pylist() == [
        "q:str:as:16|id:int:d:4",
        "!invalid",
        "*:str:a:8",
    ]


def test_ids_are_bytes_of_the_right_length_or_gone() -> None:
    ids = [bytes(range(16)), None]
    batch = event(**{schema.BODY: ["a", "b"]})
    kept = batch.append_column(schema.TRACE_ID, pa.array(ids, schema.TRACE))
    assert safe(kept).columns.column(schema.TRACE_ID).to_pylist() == ids
    worded = batch.append_column(schema.TRACE_ID, pa.array(["jane@example.org", "0af7651916cd43dd8448eb211c80319c"]))
    assert safe(worded).columns.column(schema.TRACE_ID).to_pylist() == [None, None]


def test_what_is_no_text_is_kept_or_dropped_not_masked() -> None:
    with pytest.raises(ConfigError, match=r"privacy.fields.trace_id: got 'mask', allowed: keep, drop"):
        Policy.default().with_fields({schema.TRACE_ID: "mask"})


def test_pseudonyms_join_within_and_not_across_keys() -> None:
    batch = event(**{schema.CLIENT: ["1.2.3.4", "::ffff:1.2.3.4", "1.2.3.5"], schema.USER: ["Ann", "ann ", "bob"]})
    clients = safe(batch).columns.column(schema.CLIENT).to_pylist()
    assert clients[0] == clients[1] != clients[2]
    assert all(re.fullmatch(r"c_[0-9a-f]{12}", token) for token in clients)
    assert Pseudonyms(b"a" * 32).token("c", "x") != Pseudonyms(b"b" * 32).token("c", "x")


def test_one_bad_value_does_not_cost_the_batch() -> None:
    batch = event(**{schema.CLIENT: ["1.2.3.4"], schema.PATH: ["/a"]})
    assert len(safe(batch)) == 1


@pytest.mark.parametrize(
    "text",
    ["took 12:30:45 in 5 ms", "v1.2.3 of 2026-01-02", "id 3f2a9c1d-0000-1111-2222-333344445555", "std::move", "10.5 %"],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask(pa.array([text]))[0].as_py() == text


def test_nulls_stay_null() -> None:
    assert mask(pa.array([None, "a@b.org"], pa.string())).to_pylist() == [None, "<email>"]


def test_luhn() -> None:
    assert luhn([7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3])
    assert not luhn([7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 4])


def test_normal_spelling() -> None:
    assert normal("[2001:DB8::1]") == "2001:db8::1"
    assert normal("999.1.1.1") == "999.1.1.1"


def test_policy_lists_every_problem_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Policy.default().with_fields({"nickname": "keep", schema.BODY: "print", schema.RAW: "keep"})
    assert len(caught.value.problems) == 3


def test_policy_can_drop_a_column() -> None:
    policy = Policy.default().with_fields({schema.CLIENT: "drop"})
    assert schema.CLIENT not in safe(event(**{schema.CLIENT: ["1.2.3.4"]}), policy).columns.schema.names


def test_parameter_names_are_bounded() -> None:
    assert len(parameter_names("&".join(f"p{n}=1" for n in range(1000))).split("&")) <= 66
    assert safe_shape("|".join(["a:int:d:1"] * 100)) == "!invalid"


def test_only_the_gate_makes_safe_batches_and_what_keeps_them_reads_them_back() -> None:
    source = Path(__file__).parents[3] / "src" / "vedette"
    makers = {
        path.relative_to(source).parts[0]
        for path in source.rglob("*.py")
        if re.search(r"\bSafeBatch\(", path.read_text())
    }
    assert makers == {"privacy", "journal", "store"}


def test_a_host_is_a_name_or_a_token() -> None:
    hosts = ["orders-db.internal", "10.1.2.3", "2001:db8::7", "10.1.2.3", None]
    kept = safe(event(**{schema.SERVER: hosts})).columns.column(schema.SERVER).to_pylist()
    assert (kept[0], kept[4]) == ("orders-db.internal", None)
    assert kept[1] == kept[3] != kept[2]
    assert all(re.fullmatch(r"a_[0-9a-f]{12}", token) for token in kept[1:3])
