"""``vedette watch``: what is unusual in these files? No server, no set-up."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.output import Progress, document, hint, incident_lines, printable

if TYPE_CHECKING:
    from vedette.decode.base import Decoder
    from vedette.pipeline import Shard
    from vedette.receive.files import Follower
    from vedette.records.batch import Decoded, RawBatch, SafeBatch
    from vedette.records.report import Report


@dataclass
class Tally:
    """What was read and found so far."""

    lines: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None
    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: int = 0


@dataclass
class Watcher:
    """Reads files through decoder, rules, gate and shard, in this process."""

    enter: Callable[[RawBatch], SafeBatch]
    shard: Shard
    tally: Tally = field(default_factory=Tally)
    decoders: dict[Path, Decoder] = field(default_factory=dict)
    chunk: int = 0

    def take(self, decoded: Decoded) -> list[dict[str, Any]]:
        """Take in decoded lines; return incidents that are new or changed, as documents."""
        from vedette.journal.log import Chunk

        self.tally.lines += decoded.accepted + len(decoded.dead)
        self.tally.unreadable.update(letter.reason for letter in decoded.dead)
        batches = tuple(self.enter(batch) for batch in decoded.batches)
        for batch in batches:
            self._span(batch.columns.column("time"))
        self.chunk += 1
        return self.note(self.shard.step(Chunk(self.chunk, None, batches)))

    def tick(self, moment: int) -> list[dict[str, Any]]:
        """Let time pass without data."""
        from vedette.journal.log import Chunk

        self.chunk += 1
        return self.note(self.shard.step(Chunk(self.chunk, moment, ())))

    def note(self, report: Report) -> list[dict[str, Any]]:
        """Keep what a report tells; an episode that was never confirmed is not kept."""
        from vedette.records.document import to_document

        self.tally.findings += len(report.findings)
        documents = [to_document(incident) for incident in report.incidents]
        told = [one for one in documents if one["phase"] != "pending"]
        self.tally.incidents.update({one["id"]: one for one in told})
        return told

    def _span(self, times: Any) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if len(times):
            low, high = (pc.min_max(times.cast(pa.int64()))[name].as_py() for name in ("min", "max"))
            self.tally.first = low if self.tally.first is None else min(self.tally.first, low)
            self.tally.last = high if self.tally.last is None else max(self.tally.last, high)

    def summary(self) -> dict[str, Any]:
        """Return the summary as the documented JSON."""
        from vedette.records.time import rfc3339

        return {
            "lines": self.tally.lines,
            "unreadable": sum(self.tally.unreadable.values()),
            "unreadable_reasons": dict(self.tally.unreadable),
            "segments": len(self.shard.extract.segments),
            "findings": self.tally.findings,
            "late": self.shard.extract.watermark.late,
            "from": None if self.tally.first is None else rfc3339(self.tally.first),
            "to": None if self.tally.last is None else rfc3339(self.tally.last),
        }


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--follow/--no-follow", default=True, help="Go on with what is appended (default: yes).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: summary and incidents.")
@click.option("--service", default="", help="Name of the service; default: the file's name.")
@click.option("--window", default=None, help="Length of a window, such as 60s.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Path of vedette.toml.")
def watch(
    files: tuple[Path, ...], follow: bool, as_json: bool, service: str, window: str | None, config_path: Path | None
) -> None:
    """Find what is unusual in log files, judged by what came before; then follow them.

    The format (JSON lines, nginx or Apache access log, plain text) is found by itself. FILE may be
    "-" for standard input, or end in .gz. Nothing leaves this machine, nothing is stored.
    """
    from vedette.assembly import make_entry, make_shard, user_key
    from vedette.config.load import load
    from vedette.kernels import quiet_threads, settle

    quiet_threads()
    config = load(config_path, overrides={} if window is None else {"features.window": window})
    watcher = Watcher(make_entry(config, user_key()), make_shard(config))
    settle()
    followers: dict[Path, Follower] = {}
    for path in files:
        if follow and not as_json and _grows(path):
            followers[path] = _follower(path)
        name = service or path.name.split(".")[0]
        for _ in read_into(watcher, path, name, quiet=as_json, follower=followers.get(path)):
            pass
    if followers:
        _say_history(watcher)
        follow_files(watcher, followers, service)
    watcher.note(watcher.shard.finish())
    if as_json:
        incidents = sorted(watcher.tally.incidents.values(), key=lambda one: one["started_at"])
        document({"summary": watcher.summary(), "incidents": incidents})
    else:
        _say_history(watcher)


def read_into(
    watcher: Watcher, path: Path, service: str, *, quiet: bool, follower: Follower | None = None
) -> Iterator[int]:
    """Read a file to its end, with progress; yields after each piece how many bytes are done.

    A follower, where there is one, does the reading, so that it goes on exactly where this ends.
    """
    from vedette.engine.clock import now
    from vedette.receive.files import read_file

    progress, done = Progress(path.name, _size(path) or 0), 0
    for data in read_file(path) if follower is None else follower.pieces():
        watcher.take(_decoder(watcher, data, service, path, quiet=quiet).decode(data, now()))
        done += len(data)
        found = len(watcher.tally.incidents)
        progress.at(done, f"{watcher.tally.lines} lines, {len(watcher.shard.extract.segments)} segments, {found} found")
        yield done
    progress.done()


def follow_files(watcher: Watcher, followers: dict[Path, Follower], service: str) -> None:
    """Print incidents as files grow from where they were read to, until interrupted.

    An interrupt is noted, not raised: raised while a library calls back, it could get lost.
    """
    from vedette.engine.clock import now

    stop = Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    hint("following; Ctrl-C ends")
    try:
        while not stop.is_set():
            fresh = [(data, path) for path, follower in followers.items() for data in follower.read()]
            for data, path in fresh:
                _print(watcher.take(_decoded(watcher, data, service or path.name.split(".")[0], path)))
            if not fresh:
                _print(watcher.tick(now() - watcher.shard.extract.watermark.lateness))
                time.sleep(1.0)
    finally:
        signal.signal(signal.SIGINT, before)
    click.echo(err=True)


def _size(path: Path) -> int | None:
    """Return the bytes of a regular file, None for anything else and for nothing."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_size if S_ISREG(about.st_mode) else None


def _grows(path: Path) -> bool:
    """Say whether more may come after the end: not to standard input, a pipe or a compressed file."""
    return path != Path("-") and path.suffix != ".gz" and _size(path) is not None


def _follower(path: Path) -> Follower:
    from vedette.errors import BadInput
    from vedette.receive.files import Follower

    try:
        return Follower(path, 0)
    except OSError as error:
        raise BadInput("unreadable_file", detail=f"{path}: {error.strerror}") from error


def _decoded(watcher: Watcher, data: bytes, service: str, path: Path) -> Decoded:
    """Return what was appended; what is no text is one dead letter and does not end the watch."""
    from vedette.engine.clock import now
    from vedette.errors import BadInput
    from vedette.receive.files import SAMPLE
    from vedette.records.batch import DeadLetter, Decoded

    try:
        return _decoder(watcher, data, service, path, quiet=True).decode(data, now())
    except BadInput as error:
        return Decoded((), (DeadLetter(error.reason, 0, data[:SAMPLE]),))


def _decoder(watcher: Watcher, data: bytes, service: str, path: Path, *, quiet: bool) -> Decoder:
    """Return the file's decoder, found from its first piece."""
    from vedette.decode.detect import SAMPLE, detect
    from vedette.errors import BadInput

    if path in watcher.decoders:
        return watcher.decoders[path]
    try:
        decoder = detect(data[:SAMPLE], service)
    except BadInput as error:
        raise BadInput(error.reason, detail=f"{path} {error.detail}") from None
    watcher.decoders[path] = decoder
    if not quiet:
        example = data.split(b"\n", 1)[0][:60].decode("utf-8", "replace")
        hint(f"{path}: {decoder.name}, such as “{printable(example)}…”")
    return decoder


def _print(incidents: list[dict[str, Any]]) -> None:
    for incident in incidents:
        click.echo("\n".join(incident_lines(incident)))


def _say_history(watcher: Watcher) -> None:
    about = watcher.summary()
    span = f"{about['from']} – {about['to']}" if about["from"] else "no events"
    hint(f"{about['lines']} lines, {about['unreadable']} unreadable, {about['segments']} segments, {span}")
    incidents = sorted(watcher.tally.incidents.values(), key=lambda one: -one["score"])
    if not incidents:
        click.echo("Nothing unusual found.")
    elif sys.stderr.isatty():
        hint(f"Found in your history ({len(incidents)}):")
    _print(incidents)
    if incidents:
        hint("why: vedette watch --no-follow --json …; live with a page: vedette up")
