import gzip
import os
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors import Backpressure, BadInput
from vedette.receive.files import CHUNK, Follower, Offsets, identity_of, read_file, tail
from vedette.records.batch import Decoded


def test_reads_whole_lines_and_the_last_one_without_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\nthree")
    assert list(read_file(path)) == [b"one\ntwo\n", b"three"]


def test_reads_gzip(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"one\n"))
    assert list(read_file(path)) == [b"one\n"]
    path.write_bytes(gzip.compress(b"one\n" * 1000)[:-20])
    with pytest.raises(BadInput, match="unreadable_file"):
        list(read_file(path))


def test_large_files_come_in_pieces_that_end_at_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    data = b"".join(b"%07d\n" % number for number in range(400_000))
    path.write_bytes(data)
    parts = list(read_file(path))
    assert b"".join(parts) == data
    assert len(parts) > 2
    assert all(part.endswith(b"\n") for part in parts)


def test_a_huge_line_is_shortened_but_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * (10 << 20) + b"\nnext\n")
    data = b"".join(read_file(path))
    assert data.count(b"\n") == 2
    assert data.endswith(b"\nnext\n")
    assert len(data) < 5 * CHUNK


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="none"):
        list(read_file(tmp_path / "none"))


def test_follows_rotation_by_rename(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"old\n")
    follower = Follower(path, 0)
    assert follower.read() == [b"old\n"]
    with path.open("ab") as file:
        file.write(b"last words")
    path.rename(tmp_path / "a.log.1")
    path.write_bytes(b"new\n")
    assert follower.read() == [b"last words", b"new\n"]


def test_follows_truncation_in_place(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"a long old line\n")
    follower = Follower(path, 0)
    follower.read()
    path.write_bytes(b"new\n")
    assert follower.read() == [b"new\n"]


def test_waits_for_a_file_that_comes_later(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "later.log")
    assert follower.read() == []
    (tmp_path / "later.log").write_bytes(b"here\n")
    assert follower.read() == [b"here\n"]


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=12))
def test_no_split_of_writes_shows(tmp_path_factory: pytest.TempPathFactory, writes: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("split") / "a.log"
    path.touch()
    follower, found = Follower(path, 0), b""
    for data in writes:
        with path.open("ab") as file:
            file.write(data)
        parts = follower.read()
        assert all(part.endswith(b"\n") for part in parts)
        found += b"".join(parts)
    whole = b"".join(writes)
    assert found == whole[: whole.rfind(b"\n") + 1]


class Memory:
    """An intake that keeps lines; refuses as long as it is told to."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.digests: set[bytes] = set()
        self.refuse = 0

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        if self.refuse:
            self.refuse -= 1
            raise Backpressure("full", 0.01)
        done: Future[int] = Future()
        if digest not in self.digests:
            self.digests.add(digest or b"")
            self.lines += [letter.sample for letter in decoded.dead]
        done.set_result(1)
        return done


def keep(data: bytes, observed: int) -> Decoded:
    from vedette.records.batch import DeadLetter

    return Decoded((), tuple(DeadLetter("kept", 0, line) for line in data.splitlines()))


def run_tail(path: Path, memory: Memory, offsets: Offsets, until: int) -> None:
    stop = Event()
    thread = Thread(target=tail, args=(path, keep, memory, offsets, lambda: 0, stop))
    thread.start()
    for _ in range(100):
        if len(memory.lines) >= until:
            break
        stop.wait(0.05)
    stop.set()
    thread.join()


def test_a_restart_goes_on_where_it_left(tmp_path: Path) -> None:
    path, memory, offsets = tmp_path / "a.log", Memory(), Offsets(tmp_path / "offsets.json")
    path.write_bytes(b"1\n2\n")
    run_tail(path, memory, offsets, 2)
    with path.open("ab") as file:
        file.write(b"3\n")
    run_tail(path, memory, offsets, 3)
    assert memory.lines == [b"1", b"2", b"3"]


def test_backpressure_loses_nothing(tmp_path: Path) -> None:
    path, memory = tmp_path / "a.log", Memory()
    path.write_bytes(b"1\n2\n")
    memory.refuse = 3
    run_tail(path, memory, Offsets(tmp_path / "offsets.json"), 2)
    assert memory.lines == [b"1", b"2"]


def test_another_file_of_the_same_name_is_read_from_its_start(tmp_path: Path) -> None:
    path, offsets = tmp_path / "a.log", Offsets(tmp_path / "offsets.json")
    path.write_bytes(b"one\n")
    offsets.put(path, identity_of(path), 4)
    assert offsets.get(path) == 4
    os.replace(path, tmp_path / "gone")
    path.write_bytes(b"two\n")
    assert offsets.get(path) == 0
