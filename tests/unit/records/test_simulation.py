"""The mark of simulated telemetry: the way in sets it, whatever the record says, and it can be told and taken off."""

import pyarrow as pa

from vedette.assembly import make_gate
from vedette.config.load import load
from vedette.pipeline import Gateway
from vedette.records.batch import Decoded, RawBatch, SafeBatch
from vedette.records.schema import SIMULATION, TIME, TIME_TYPE, Signal
from vedette.records.simulation import marked, real, spans, unmarked


def columns(*times: int) -> pa.RecordBatch:
    return pa.record_batch({TIME: pa.array(times, TIME_TYPE)})


def accepted(batch: pa.RecordBatch, simulation: str) -> SafeBatch:
    """Return what the gateway hands to the journal."""
    taken: list[SafeBatch] = []

    def append(batches: list[SafeBatch], digest: bytes | None) -> None:
        taken.extend(batches)

    gateway = Gateway(lambda one: one, make_gate(load(None, environ={}), b"k" * 32), append)  # type: ignore[arg-type]
    gateway.accept(Decoded((RawBatch(Signal.LOG, batch),), simulation=simulation), "test")
    return taken[0]


def test_the_gateway_marks_all_of_a_simulation() -> None:
    batch = accepted(columns(1, 2), "drill-1")
    assert batch.columns.column(SIMULATION).to_pylist() == ["drill-1", "drill-1"]


def test_a_record_that_calls_itself_simulated_is_not() -> None:
    claiming = columns(1, 2).append_column(SIMULATION, pa.array(["mine", "mine"]))
    assert SIMULATION not in accepted(claiming, "").columns.schema.names
    assert accepted(claiming, "drill-1").columns.column(SIMULATION).to_pylist() == ["drill-1", "drill-1"]


def test_rows_are_told_apart() -> None:
    both = pa.record_batch(
        {TIME: pa.array([1, 2, 3], TIME_TYPE), SIMULATION: pa.array([None, "d", None]).dictionary_encode()}
    )
    assert spans(both) == {"d": (2, 2)}
    assert real(both).column(TIME).cast(pa.int64()).to_pylist() == [1, 3]
    assert unmarked(both).schema.names == real(both).schema.names == [TIME]
    assert spans(columns(1)) == spans(marked(columns(1), "")) == {}
