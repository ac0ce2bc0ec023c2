"""Keys of sessions: a trace goes first, then the session's id, and lines with neither have none."""

from __future__ import annotations

import pyarrow as pa

from vedette.features.session_keys import session_keys
from vedette.records import schema

TRACES = [bytes(16), b"a" * 16, None, b"b" * 16, b"a" * 16]
SESSIONS = ["s_1", "s_1", None, "s_2", None]


def columns(traces: list[bytes | None] | None, sessions: list[str | None] | None) -> pa.RecordBatch:
    made = {}
    if traces is not None:
        made[schema.TRACE_ID] = pa.array(traces, schema.TRACE)
    if sessions is not None:
        made[schema.SESSION] = pa.array(sessions, pa.string()).dictionary_encode()
    return pa.RecordBatch.from_pydict(made)


def test_an_invalid_trace_is_none_and_slices_have_the_keys_of_their_rows() -> None:
    rows = columns(TRACES, None)
    keys = session_keys(rows)
    assert keys[0] == keys[2] == 0
    assert keys[1] == keys[4] != keys[3]
    assert session_keys(rows.slice(1, 3)).tolist() == keys[1:4].tolist()


def test_lines_without_a_trace_are_of_their_session() -> None:
    rows = columns(None, SESSIONS)
    keys = session_keys(rows)
    assert keys[0] == keys[1] != keys[3]
    assert keys[2] == keys[4] == 0 != keys[3]
    assert session_keys(rows.slice(1, 3)).tolist() == keys[1:4].tolist()


def test_a_trace_goes_before_a_session() -> None:
    both, traced = session_keys(columns(TRACES, SESSIONS)), session_keys(columns(TRACES, None))
    assert both[1] == traced[1] == both[4]
    assert both[3] == traced[3]
    assert both[0] == session_keys(columns(None, SESSIONS))[0]
    assert both[2] == 0


def test_neither_is_no_session() -> None:
    assert session_keys(pa.RecordBatch.from_pydict({schema.BODY: ["a", "b"]})).tolist() == [0, 0]


def test_keys_are_the_same_in_every_process() -> None:
    assert session_keys(columns(None, ["s_1"])).tolist() == [17484187034870644699]
