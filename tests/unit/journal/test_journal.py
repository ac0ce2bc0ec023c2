import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from vedette.errors import Backpressure, DataInUse, StateCorrupt
from vedette.journal import codec
from vedette.journal.commit import GroupCommit
from vedette.journal.lock import DataLock
from vedette.journal.log import Journal
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.records.context import Cause, Confirmation, EventKind, PlannedEvent, Suppression, Verdict, Withdrawal
from vedette.records.schema import Signal
from vedette.records.segment import Segment


def batch(*bodies: str) -> SafeBatch:
    times = pa.array(np.arange(len(bodies))).cast(schema.TIME_TYPE)
    return SafeBatch(
        Signal.LOG, pa.RecordBatch.from_arrays([times, pa.array(bodies)], names=[schema.TIME, schema.BODY])
    )


def bodies(journal: Journal, lo: int = 1) -> list[str]:
    return [
        text
        for chunk in journal.read(0, lo, journal.next(0))
        for one in chunk.batches
        for text in one.columns.column(schema.BODY).to_pylist()
    ]


def test_what_is_appended_comes_back_numbered(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        assert [
            journal.append(0, [batch("a", "b")]),
            journal.append(0, (), tick=9),
            journal.append(0, [batch("c")]),
        ] == [1, 2, 3]
        assert bodies(journal) == ["a", "b", "c"]
        assert [chunk.tick for chunk in journal.read(0, 1, 4)] == [None, 9, None]
    with Journal(tmp_path) as journal:
        assert journal.next(0) == 4
        assert bodies(journal, 3) == ["c"]


def test_trimming_keeps_the_count(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        for text in "abcd":
            journal.append(0, [batch(text)])
        journal.trim(0, 3)
        assert bodies(journal) == ["c", "d"]
        journal.trim(0, 99)
        assert journal.first(0) == 4
    with Journal(tmp_path) as journal:
        assert journal.append(0, [batch("e")]) == 5


def test_shards_are_numbered_apart(tmp_path: Path) -> None:
    with Journal(tmp_path, shards=2) as journal:
        assert (journal.append(0, [batch("a")]), journal.append(1, [batch("b")]), journal.append(1, [batch("c")])) == (
            1,
            1,
            2,
        )
    with Journal(tmp_path, shards=2) as journal:
        assert (journal.next(0), journal.next(1)) == (2, 3)


def test_it_grows_beyond_its_first_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.journal.log.FIRST_SIZE", 1 << 20)
    with Journal(tmp_path) as journal:
        rng = np.random.default_rng(0)
        for _ in range(40):
            journal.append(0, [batch(rng.bytes(60_000).hex())])
        assert journal.next(0) == 41


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:30] + bytes([data[30] ^ 1]) + data[31:], lambda data: b""]
)
def test_a_damaged_chunk_is_noticed(damage: object) -> None:
    data = codec.encode([batch("a")], None).to_pybytes()
    assert codec.decode(1, data).batches[0].columns.num_rows == 1
    with pytest.raises(StateCorrupt):
        codec.decode(1, damage(data))  # type: ignore[operator]


def test_group_commit_seals_in_order_and_takes_a_retry_once(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        commit = GroupCommit(journal)
        futures: list[Future[int]] = [commit.submit([batch(str(n))], digest=str(n % 3).encode()) for n in range(6)]
        numbers = [future.result(5) for future in futures]
        commit.close()
        assert bodies(journal) == ["0", "1", "2"]
        assert numbers[:3] == numbers[3:]
        again = GroupCommit(journal)
        assert again.submit([batch("x")], digest=b"0").result(5) == numbers[0]
        again.close()
        assert bodies(journal) == ["0", "1", "2"]


def test_too_much_waiting_is_backpressure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.journal.commit.MAX_QUEUED", -1)
    with Journal(tmp_path) as journal:
        commit = GroupCommit(journal)
        with pytest.raises(Backpressure):
            commit.submit([batch("a")])
        commit.close()


def test_an_empty_submission_is_done_at_once(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        commit = GroupCommit(journal)
        assert commit.submit([]).result(5) == 0
        commit.close()


FULL = """
import resource, sys
from pathlib import Path
sys.path[:0] = [{source!r}, {root!r}]
from tests.unit.journal.test_journal import batch
from vedette.errors import Backpressure
from vedette.journal.log import Journal
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path({folder!r}))
journal.append(0, [batch("kept")])
size = (Path({folder!r}) / "data.mdb").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, size + 40_000))
import numpy as np
done = 1
try:
    for n in range(100):
        journal.append(0, [batch(np.random.default_rng(n).bytes(20_000).hex())])
        done += 1
except Backpressure as error:
    print("refused", error.retry_after, done)
"""


def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    code = FULL.format(source=str(root / "src"), root=str(root), folder=str(tmp_path))
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root).stdout
    assert out.startswith("refused 30.0")
    with Journal(tmp_path) as journal:
        assert journal.next(0) - 1 == int(out.split()[2])
        assert bodies(journal)[0] == "kept"


WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [{source!r}, {root!r}]
from tests.unit.journal.test_journal import batch
from vedette.journal.log import Journal
journal = Journal(Path({folder!r}))
while True:
    print(journal.append(0, [batch(f"r{{journal.next(0)}}")]), flush=True)
"""


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    code = WRITER.format(source=str(root / "src"), root=str(root), folder=str(tmp_path))
    acknowledged = 0
    for delay in (0.0, 0.05, 0.2):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root)
        assert process.stdout is not None
        acknowledged = int(process.stdout.readline())
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().split()
        process.wait()
        acknowledged = int(rest[-1]) if rest else acknowledged
        with Journal(tmp_path) as journal:
            found = bodies(journal)
            assert found == [f"r{n}" for n in range(1, len(found) + 1)]
            assert len(found) >= acknowledged


def test_one_process_at_a_time(tmp_path: Path) -> None:
    lock = DataLock(tmp_path)
    with pytest.raises(DataInUse, match=str(os.getpid())):
        DataLock(tmp_path)
    lock.release()
    DataLock(tmp_path).release()


def test_notices_come_back_as_they_were_and_do_not_disturb_the_records(tmp_path: Path) -> None:
    cause = Cause(Segment("", "web", "GET /"), "requests", lower=3.0)
    notices = (
        PlannedEvent("s1", EventKind.SALE, "Sommer-Schlußverkauf", 5, 9, ("web",), 6.0),
        Suppression("i1", "i1", Verdict.NOISE, (cause,), 1, 2, 'said "so"\n'),
        Confirmation("i1", (cause,), 2),
        Withdrawal("s1"),
    )
    with Journal(tmp_path) as journal:
        journal.append(0, (), notices=notices)
        journal.append(0, [batch("a")], notices=notices[:1])
        alone, together = journal.read(0, 1, 3)
    assert alone.notices == notices
    assert (alone.batches, alone.tick) == ((), None)
    assert together.notices == notices[:1]
    assert together.batches[0].columns.column(schema.BODY).to_pylist() == ["a"]
