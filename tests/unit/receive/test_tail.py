import gzip
import os
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.interop.loopback import await_true

from vedette.errors import Backpressure, BadInput, VedetteError
from vedette.receive import files
from vedette.receive.files import CHUNK, MAX_LINE, Follower, Offsets, identity_of, read_file, tail
from vedette.records.batch import DeadLetter, Decoded
from vedette.telemetry import metrics


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


class TestReadFile:
    @given(st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=30), st.booleans())
    def test_gives_back_every_byte(
        self, tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], gz: bool
    ) -> None:
        path = tmp_path_factory.mktemp("read") / ("a.gz" if gz else "a")
        data = b"\n".join(lines)
        path.write_bytes(gzip.compress(data) if gz else data)
        assert b"".join(read_file(path)) == data

    def test_pieces_end_at_line_ends(self, log: Path) -> None:
        lines = b"".join(b"%d %s\n" % (number, b"x" * 500) for number in range(6000))
        log.write_bytes(lines)
        pieces = list(read_file(log))
        assert len(pieces) > 2
        assert all(piece.endswith(b"\n") for piece in pieces)
        assert b"".join(pieces) == lines

    def test_an_empty_file_is_fine(self, log: Path) -> None:
        log.touch()
        assert list(read_file(log)) == []

    def test_a_huge_line_stays_one_line_and_small(self, log: Path) -> None:
        log.write_bytes(b"a\n" + b"x" * (10 * MAX_LINE) + b"\nb\n")
        data = b"".join(read_file(log))
        lines = data.split(b"\n")
        assert (lines[0], lines[2:]) == (b"a", [b"b", b""])
        assert MAX_LINE < len(lines[1]) < 4 * MAX_LINE

    def test_what_is_missing_is_named(self, log: Path) -> None:
        with pytest.raises(BadInput, match=r"access\.log: No such file"):
            list(read_file(log))

    def test_a_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="directory"):
            list(read_file(tmp_path))

    @pytest.mark.parametrize(
        "damage", [lambda data: data[:-20], lambda data: data[:30] + b"\xff" * 9 + data[39:], bytes.upper]
    )
    def test_a_damaged_gz_is_named(self, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
        path = tmp_path / "old.gz"
        path.write_bytes(damage(gzip.compress(os.urandom(3000).hex().encode())))
        with pytest.raises(BadInput, match=r"old\.gz"):
            list(read_file(path))


class TestFollower:
    def test_begins_at_the_end_or_where_told(self, log: Path) -> None:
        log.write_bytes(b"old\n")
        late, early = Follower(log), Follower(log, 0)
        append(log, b"new\n")
        assert list(late.read()) == [b"new\n"]
        assert list(early.read()) == [b"old\nnew\n"]

    def test_keeps_a_partial_line_until_it_is_whole(self, log: Path) -> None:
        follower = Follower(log, 0)
        append(log, b"one\ntw")
        assert list(follower.read()) == [b"one\n"]
        assert list(follower.read()) == []
        append(log, b"o\n")
        assert list(follower.read()) == [b"two\n"]

    def test_waits_for_a_file_that_comes_later(self, log: Path) -> None:
        follower = Follower(log)
        assert list(follower.read()) == []
        append(log, b"first\n")
        assert list(follower.read()) == [b"first\n"]

    def test_rotation_by_rename_gives_the_old_file_s_rest_first(self, log: Path) -> None:
        append(log, b"a\n")
        follower = Follower(log, 0)
        assert list(follower.read()) == [b"a\n"]
        append(log, b"b\nlast")
        log.rename(log.with_suffix(".1"))
        append(log, b"c\n")
        assert list(follower.read()) == [b"b\n", b"last", b"c\n"]

    def test_a_gap_between_rename_and_create(self, log: Path) -> None:
        append(log, b"a\n")
        follower = Follower(log, 0)
        log.rename(log.with_suffix(".1"))
        assert list(follower.read()) == [b"a\n"]
        assert list(follower.read()) == []
        append(log, b"b\n")
        assert list(follower.read()) == [b"b\n"]

    def test_truncation_in_place(self, log: Path) -> None:
        append(log, b"a long first line\n")
        follower = Follower(log, 0)
        assert list(follower.read()) == [b"a long first line\n"]
        os.truncate(log, 0)
        append(log, b"b\n")
        assert list(follower.read()) == [b"b\n"]

    def test_truncation_that_is_outgrown_before_the_next_look(self, log: Path) -> None:
        append(log, b"08:00 a\n")
        follower = Follower(log, 0)
        assert list(follower.read()) == [b"08:00 a\n"]
        os.truncate(log, 0)
        append(log, b"09:00 b\n09:00 c\n")
        assert list(follower.read()) == [b"09:00 b\n09:00 c\n"]

    def test_a_huge_line_becomes_one_that_is_too_long(self, log: Path) -> None:
        follower = Follower(log, 0)
        append(log, b"a\n" + b"x" * (3 * CHUNK))
        assert list(follower.read()) == [b"a\n"]
        append(log, b"x\nb\n")
        pieces = list(follower.read())
        lines = b"".join(pieces).split(b"\n")
        assert [len(line) for line in lines] == [MAX_LINE + 1, 1, 0]
        assert lines[1] == b"b"

    def test_a_line_of_exactly_the_limit_is_whole(self, log: Path) -> None:
        append(log, b"x" * MAX_LINE + b"\ny\n")
        assert b"".join(Follower(log, 0).read()) == b"x" * MAX_LINE + b"\ny\n"

    def test_a_backlog_comes_in_bounded_pieces(self, log: Path) -> None:
        append(log, b"0123456789abcde\n" * (3 * CHUNK // 16 + 5))
        pieces = list(Follower(log, 0).read())
        assert max(map(len, pieces)) <= CHUNK
        assert sum(map(len, pieces)) == log.stat().st_size

    @given(st.lists(st.sampled_from([b"a", b"bb\n", b"\n", b"ccc", b"d\ne\nf"]), max_size=30))
    def test_the_same_lines_however_they_are_written(
        self, tmp_path_factory: pytest.TempPathFactory, writes: list[bytes]
    ) -> None:
        path = tmp_path_factory.mktemp("follow") / "log"
        follower, seen = Follower(path), b""
        for data in writes:
            append(path, data)
            pieces = list(follower.read())
            assert all(piece.endswith(b"\n") for piece in pieces)
            seen += b"".join(pieces)
        whole = b"".join(writes)
        assert seen == whole[: whole.rfind(b"\n") + 1]


@dataclass
class Lines:
    """An intake that keeps lines, each digest once, and refuses while it is told to."""

    taken: list[bytes] = field(default_factory=list)
    digests: set[bytes | None] = field(default_factory=set)
    full: bool = False
    refused: int = 0

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        done: Future[int] = Future()
        if self.full:
            self.refused += 1
            done.set_exception(Backpressure("full", 0.02))
            return done
        if digest not in self.digests:
            self.taken += [letter.sample for letter in decoded.dead]
        self.digests.add(digest)
        done.set_result(1)
        return done


def decode(data: bytes, observed: int) -> Decoded:
    return Decoded((), tuple(DeadLetter("line", 0, line) for line in data.splitlines()))


class Tailing:
    """`tail` in a thread, as the product runs it."""

    def __init__(self, path: Path, intake: Lines, offsets: Offsets) -> None:
        self.stop = Event()
        self.error: list[Exception] = []
        self.thread = Thread(target=self._run, args=(path, intake, offsets), daemon=True)
        self.thread.start()

    def _run(self, path: Path, intake: Lines, offsets: Offsets) -> None:
        try:
            tail(path, decode, intake, offsets, lambda: 0, self.stop)
        except (VedetteError, OSError) as error:
            self.error.append(error)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()
        assert self.error == []


class TestTail:
    @pytest.fixture
    def offsets(self, tmp_path: Path) -> Offsets:
        return Offsets(tmp_path / "offsets.json")

    def test_resumes_after_a_restart_where_it_was(self, log: Path, offsets: Offsets) -> None:
        intake = Lines()
        append(log, b"a\nb\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: intake.taken == [b"a", b"b"])
        tailing.end()
        append(log, b"c\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: intake.taken == [b"a", b"b", b"c"])
        tailing.end()

    def test_another_file_under_the_same_name_is_read_from_its_start(self, log: Path, offsets: Offsets) -> None:
        intake = Lines()
        append(log, b"a\nb\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: len(intake.taken) == 2)
        tailing.end()
        log.unlink()
        append(log, b"x\ny\nz\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: intake.taken == [b"a", b"b", b"x", b"y", b"z"])
        tailing.end()

    def test_overload_delays_and_loses_nothing(self, log: Path, offsets: Offsets) -> None:
        intake = Lines(full=True)
        append(log, b"a\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: intake.refused > 2)
        intake.full = False
        await_true(lambda: intake.taken == [b"a"])
        tailing.end()

    def test_a_stop_during_overload_loses_nothing(self, log: Path, offsets: Offsets) -> None:
        intake = Lines(full=True)
        append(log, b"a\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: intake.refused > 0)
        tailing.end()
        intake.full = False
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: intake.taken == [b"a"])
        tailing.end()

    def test_the_same_lines_again_after_a_kill_are_taken_in_once(self, log: Path, offsets: Offsets) -> None:
        intake = Lines()
        append(log, b"a\nb\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: len(intake.taken) == 2)
        tailing.end()
        offsets.path.unlink()  # as if the kill came before the offset was written
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: offsets.path.exists())
        tailing.end()
        assert intake.taken == [b"a", b"b"]

    def test_lines_that_came_after_the_kill_are_not_taken_for_those_before(self, log: Path, offsets: Offsets) -> None:
        intake = Lines()
        append(log, b"a\nb\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: len(intake.taken) == 2)
        await_true(lambda: offsets.get(log) == 4)
        tailing.end()
        offsets.put(log, identity_of(log), 0, until=4)  # as if the kill came before the offset was written
        append(log, b"c\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: offsets.get(log) == 6)
        tailing.end()
        assert intake.taken == [b"a", b"b", b"c"]

    def test_a_file_that_cannot_be_read_is_tried_again(
        self, log: Path, offsets: Offsets, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "RETRY", 0.01)
        before = metrics.FILE_FAILED.value(str(log))
        log.mkdir()  # a folder can't be read as a file, not even by root
        intake = Lines()
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: metrics.FILE_FAILED.value(str(log)) > before + 1)
        log.rmdir()
        append(log, b"a\n")
        await_true(lambda: intake.taken == [b"a"])
        tailing.end()

    def test_survives_the_gap_of_a_rotation(self, log: Path, offsets: Offsets) -> None:
        intake = Lines(full=True)
        append(log, b"a\n")
        tailing = Tailing(log, intake, offsets)
        await_true(lambda: intake.refused > 0)
        log.rename(log.with_suffix(".1"))
        intake.full = False
        await_true(lambda: intake.taken == [b"a"])
        append(log, b"b\n")
        await_true(lambda: intake.taken == [b"a", b"b"])
        tailing.end()
