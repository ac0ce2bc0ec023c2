"""A running Vedette: journal, shard, stores, notifications, and the threads that move them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from vedette.assembly import make_gateway, make_shard, pseudonym_key
from vedette.config.schema import Config
from vedette.decode.detect import detecting
from vedette.decode.json_lines import JsonLines
from vedette.engine.announcer import Announcer
from vedette.engine.canary import Aviary, Canaries
from vedette.engine.clock import Ticker, now
from vedette.engine.cluster import cluster_jobs
from vedette.engine.deadletter import DeadLetters
from vedette.engine.digests import Digests
from vedette.engine.gauges import Gauges
from vedette.engine.hub import Hub
from vedette.engine.intake import CountingIntake
from vedette.engine.local import SHARD, LocalEngine, Shelves
from vedette.engine.offers import KEPT, Offer, offers
from vedette.engine.postman import Postman
from vedette.engine.proofs import Proofs
from vedette.engine.recall import Recall
from vedette.engine.receivers import describe, make_choice, make_notifiers, target_of, try_out
from vedette.engine.rules import RulesInUse
from vedette.engine.silences import Silences
from vedette.engine.standing import Standing
from vedette.errors import Backpressure
from vedette.journal.commit import GroupCommit
from vedette.journal.log import Chunk, Journal
from vedette.notify.base import Notifier
from vedette.notify.route import Routes
from vedette.pipeline import Shard
from vedette.receive.files import Offsets, tail
from vedette.receive.processes import require_linux, watch_processes
from vedette.receive.sensor import SERVICE as PROCESSES
from vedette.records.document import to_document
from vedette.records.incident import Phase
from vedette.records.report import Report
from vedette.records.time import SECOND
from vedette.state.snapshots import Snapshots
from vedette.store.attack import table_of
from vedette.store.database import open_database
from vedette.store.events import EventStore
from vedette.store.incidents import Incidents
from vedette.store.outbox import Outbox
from vedette.store.settings import Settings
from vedette.telemetry import metrics

MOST_FIRING: Final = 500

RETRY: Final = 1.0
"""Seconds until a start that could not be journaled is tried again."""


class Product:
    """Everything behind the server's door.

    Duties: the caller holds the data folder's lock. `start` returns at once; `close` seals, snapshots
    and stops, within seconds.
    """

    def __init__(self, config: Config) -> None:
        folder = Path(config.data.folder)
        if config.receive.processes:
            require_linux()
        self.config = config
        self.started_at = now()
        self.hub = Hub()
        self.journal = Journal(folder / "journal")
        self.events = EventStore(folder / "events")
        database = open_database(f"sqlite:///{folder / 'vedette.db'}")
        self.incidents = Incidents(database)
        self.snapshots = Snapshots(folder / "state")
        self.attack_table = table_of(folder)
        self._commit = GroupCommit(self.journal)
        settings = Settings(database)
        self.rules = RulesInUse(config, self.journal, settings)
        gateway = make_gateway(config, pseudonym_key(folder), self._commit, self.rules.match)
        self.intake = CountingIntake(gateway, now, DeadLetters(folder / "dead-letters.jsonl", gateway.gate.mask_text))
        shelves = Shelves(self.journal, self.snapshots, self.events, self.incidents)
        self.engine = LocalEngine(shelves, self._shard, config.engine.snapshot_every, self._told)
        self.engine.retention = round(config.store.retention * SECOND)
        lasting = self.incidents.list(phases=[Phase.FIRING.value], limit=MOST_FIRING).items
        outbox, notifiers = Outbox(database), self._notifiers()
        self.announcer = Announcer(self.journal, self.incidents, settings, config, now)
        self.announcer.files.all()  # a file that can't be read is refused here, before anything runs
        self.silences = Silences(settings, now)
        self._choose = make_choice(config.notify)
        self.recall = Recall(self.incidents)
        self._postman = Postman(outbox, notifiers, settings, lasting, self._receivers, self.recall.recalled)
        routes = Routes(config.notify.routes, config.notify.teams)
        by_name = {notifier.name: notifier for notifier in notifiers}
        self._digests = Digests(routes, by_name, self.incidents, outbox, settings)
        self.proofs = Proofs(settings, self.rules.name, now)
        self.standing = Standing(
            self.attack_table,
            lambda: self.rules.edition.rules,
            self.incidents,
            self.proofs,
            self.engine,
            config.canary.every,
            now,
        )
        canary = Aviary(config, self.intake, self.events, self.incidents, settings, self._tell)
        self.canaries = Canaries(canary)
        self._ticker = Ticker(self.journal, SHARD, round(config.features.lateness * SECOND))
        self._stop = Event()
        self._watches = cluster_jobs(config.kubernetes, self.announcer.plan, now, self._stop)
        self._threads: list[Thread] = []
        self.gauges = Gauges(round(config.features.window * SECOND), now)
        self.recovered = False
        self.failed = ""
        """Why the engine ended, should it ever: a bug of ours; a restart goes on from the last snapshot."""

    def start(self) -> None:
        """Recover, then follow the journal, in threads of our own."""
        jobs: dict[str, Callable[[], None]] = {
            "engine": self._run_engine,
            "ticker": lambda: self._ticker.run(self._stop),
            "postman": lambda: self._postman.watch(self._stop),
            "canary": lambda: self.canaries.run(self._stop),
            "digests": lambda: self._digests.run(self._stop),
            **{f"notify {name}": partial(self._postman.run, name, self._stop) for name in self._postman.names},
            **{f"tail {name}": partial(self._tail, name) for name in self.config.receive.files},
            **self._watches,
            **({"processes": self._watch_processes} if self.config.receive.processes else {}),
        }
        self._threads = [Thread(target=job, name=name, daemon=True) for name, job in jobs.items()]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Seal what was handed in, judge it, snapshot, stop."""
        self._commit.close()
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.journal.close()

    def _shard(self) -> Shard:
        return make_shard(self.config, self.rules.edition, self.rules.shelf, self.rules.lists)

    def _receivers(self, incident: dict[str, Any], moment: int) -> Sequence[str]:
        """Return who is told of an incident now: nobody while it is silenced."""
        return [] if self.silences.quiet(incident, moment) else self._choose(incident, moment)

    def _tell(self, document: dict[str, Any]) -> None:
        """Notify of an incident that is not the shard's."""
        self._postman.tell(document, now())
        self.hub.tell("incident", document)

    def _run_engine(self) -> None:
        fresh = not self.engine.recover()
        while not self._announced(fresh):
            if self._stop.wait(RETRY):
                return
        metrics.QUARANTINED.set(self.snapshots.quarantined)
        self.recovered = True
        try:
            self.engine.run(self._stop, self._ticker)
        except Exception as error:
            self.failed = f"the engine stopped: {error!r}; restart Vedette, and report this"
            raise

    def _announced(self, fresh: bool) -> bool:
        """Journal what holds from this start on; False while the journal takes nothing, as with a full disk."""
        try:
            if fresh:
                self.announcer.repeat()
            self.rules.announce()
            self.announcer.synchronize()
        except Backpressure as error:
            self.engine.trouble = error.reason
            return False
        return True

    @property
    def trouble(self) -> str:
        """What is wrong inside, empty when nothing is."""
        return self.failed or self.engine.trouble or self.rules.trouble

    def _tail(self, name: str) -> None:
        """Follow a file, given as a path or ``service=path``, from where a restart left it."""
        service, _, written = name.rpartition("=")
        path = Path(written).expanduser().absolute()
        decode = detecting(service or path.name.partition(".")[0])
        offsets = Offsets(Path(self.config.data.folder) / f"offset-{stable_name(path)}.json")
        tail(path, decode, self.intake, offsets, now, self._stop)

    def _watch_processes(self) -> None:
        watch_processes(JsonLines(PROCESSES).decode, self.intake, now, self._stop)

    def _told(self, chunk: Chunk, report: Report, shard: Shard) -> None:
        """Queue notifications, which may have to wait; then count the chunk and tell listeners."""
        documents = [to_document(incident) for incident in report.incidents]
        for document in documents:
            self._postman.tell(document, now())
        self.gauges.note(chunk, report, shard)
        for document in documents:
            self.hub.tell("incident", document)
        if report.windows:
            self.hub.tell("lanes", {})

    def backlog(self) -> int:
        """Return how many chunks of the journal wait to be judged."""
        return self.journal.next(SHARD) - self.engine.next

    def offers(self) -> list[Offer]:
        """Return jobs that were found by the clock and that nobody announced."""
        shard = self.engine.shard
        found = shard.decide.habits(shard.extract.watermark.latest - KEPT)
        return offers(found, self.announcer.events())

    def channels(self) -> list[dict[str, Any]]:
        """Return every receiver, without its secrets, and what waits for it."""
        waiting = self._postman.waiting(now())
        return [
            {
                "name": name,
                "type": described["type"],
                "target": target_of(described),
                "waiting": waiting[name][0],
                "lag_seconds": waiting[name][1],
                "trouble": self._postman.troubles.get(name, ""),
            }
            for name, described in describe(self.config.notify).items()
        ]

    def try_channel(self, name: str) -> bool:
        """Send a test to a receiver; False if there is none of that name. Raises `DeliveryFailed`."""
        for notifier in self._notifiers():
            if notifier.name == name:
                try_out(notifier, now())
                return True
        return False

    def _notifiers(self) -> list[Notifier]:
        return make_notifiers(self.config.notify, table_of(Path(self.config.data.folder)))

    def note_waiting(self) -> None:
        """Bring the metrics of what waits up to date."""
        for name, (letters, seconds) in self._postman.waiting(now()).items():
            metrics.NOTIFY_WAITING.set(letters, name)
            metrics.NOTIFY_LAG.set(seconds, name)


def stable_name(path: Path) -> str:
    """Return a short name for a path, such as that of the file that holds its offset."""
    return blake2b(str(path).encode(), digest_size=6).hexdigest()
