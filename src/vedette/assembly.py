"""Configuration in, wired pipeline out: the one place that knows which parts make a Vedette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import cache, lru_cache
from os import environ
from pathlib import Path
from secrets import token_bytes

from vedette.config.schema import Config
from vedette.decision.context import Plans
from vedette.decision.decide import Decider
from vedette.detectors.alerts import AlertWatch
from vedette.detectors.baseline import Baseline
from vedette.detectors.course_watch import CourseWatch
from vedette.detectors.entities import EntityWatch
from vedette.detectors.novelty import Novelty
from vedette.detectors.sessions import SessionWatch
from vedette.detectors.slo import Objectives
from vedette.detectors.together import JointWatch
from vedette.drift.releases import ReleaseWatch
from vedette.durable import publish
from vedette.errors import BadInput
from vedette.features.extract import Extractor
from vedette.features.reading import LEVELS, Reader
from vedette.features.syntax import LANGUAGES
from vedette.indicators.index import Index
from vedette.indicators.kept import feed_at, feeds_in
from vedette.indicators.lookup import Lookup
from vedette.indicators.words import note, title
from vedette.journal.commit import GroupCommit
from vedette.pipeline import Gateway, Match, Shard
from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.time import SECOND
from vedette.rules.added import sets_in
from vedette.rules.chain import Chain
from vedette.rules.load import PACK
from vedette.rules.mark import Marker
from vedette.rules.model import Head, RuleSet, mark_of
from vedette.rules.shelf import Edition, Shelf

KEY_BYTES = 32

ENTITIES_SHARE = 0.25
"""Share of the bearable false incidents that the days of users may take, beside what the series of services may."""

COURSES_SHARE = 0.125
"""The same for numbers whose course over hours is odd."""

ALERTS_SHARE = 0.25
"""The same for other tools' alerts that are new or rare here."""

READINGS = {
    (what, level): Head(
        id=f"vedette/reading/{what}/{level}",
        title=f"requests that read like {what}",
        level=level,
        techniques=(technique,),
        detector="payload",
    )
    for what, technique in LANGUAGES.items()
    for level in LEVELS
}
"""What is said where values read like a language, by how much."""


def make_shard(
    config: Config, edition: Edition | None = None, shelf: Shelf | None = None, lists: Lists | None = None
) -> Shard:
    """Return an empty shard: nothing learned, nothing open.

    Parameters
    ----------
    config
        In force.
    edition
        The rules that hold at first; those of the configuration by default.
    shelf
        Where other editions are, which the journal may put in force; without it, the rules stay as they are.
    lists
        Those of indicators; those in the data folder by default.
    """
    return Shard(
        Extractor(
            width=round(config.features.window * SECOND),
            lateness=round(config.features.lateness * SECOND),
            max_segments=config.features.max_segments,
            max_entities=config.features.max_entities,
            session_idle=round(config.features.session_idle * SECOND),
            overrides=config.segment,
        ),
        Chain(
            edition or _edition_of(config),
            [*READINGS.values()],
            shelf.find if shelf else None,
            (lists or Lists(config)).head,
        ),
        Baseline(ready_after=config.learning.ready_after),
        Novelty(ready_after=config.learning.ready_after),
        JointWatch(ready_after=config.learning.ready_after),
        SessionWatch(),
        EntityWatch(limit=config.features.max_entities, false_findings=ENTITIES_SHARE * config.decision.budget_per_day),
        AlertWatch(bearable=ALERTS_SHARE * config.decision.budget_per_day, ready_after=config.learning.ready_after),
        Objectives(config.slo),
        CourseWatch(COURSES_SHARE * config.decision.budget_per_day, config.learning.ready_after),
        ReleaseWatch(),
        Plans(round(config.decision.change_window * SECOND)),
        Decider(
            budget=config.decision.budget_per_day,
            resolve_after=round(config.decision.resolve_after * SECOND),
            change_window=round(config.decision.change_window * SECOND),
        ),
    )


def make_gate(config: Config, key: bytes) -> Gate:
    """Return the privacy gate of this configuration; `key` makes pseudonyms."""
    return Gate(Policy.default().with_fields(config.privacy.fields), key)


def make_gateway(config: Config, key: bytes, commit: GroupCommit, match: Match | None = None) -> Gateway:
    """Return the gateway in front of a journal; `match` as `make_match` returns it, by default with our rules."""

    def append(batches: Sequence[SafeBatch], digest: bytes | None) -> Future[int]:
        return commit.submit(batches, digest)

    return Gateway(match=match or make_match(config), gate=make_gate(config, key), append=append)


def make_match(config: Config, rules: RuleSet | None = None, index: Index | None = None) -> Match:
    """Return what marks raw events: rules, indicators, the reader of values; by default those of the configuration."""
    by_rules = Marker(make_rules(config) if rules is None else rules)
    by_reading = Reader({key: mark_of(head) for key, head in READINGS.items()})
    index = make_indicators(config) if index is None else index
    if not len(index):
        return lambda batch: by_reading(by_rules(batch))
    by_lists = Lookup(index)
    return lambda batch: by_reading(by_lists(by_rules(batch)))


def make_entry(config: Config, key: bytes) -> Callable[[RawBatch], SafeBatch]:
    """Return what stands before the journal as one step: match rules, then protect; for commands without one."""
    mark, gate = make_match(config), make_gate(config, key)
    return lambda batch: gate.protect(mark(batch))


def make_rules(config: Config) -> RuleSet:
    """Return the rules in force: Vedette's own unless they are switched off, those configured, and those added."""
    return _edition_of(config).rules


def make_shelf(config: Config) -> Shelf:
    """Return where compiled rules are kept: in the data folder, without one in the user's cache."""
    folder = Path(config.data.folder)
    user = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vedette"
    return Shelf((folder if folder.is_dir() else user) / "rules")


def sources_of(config: Config) -> list[Path]:
    """Return the files, folders and archives that rules come from."""
    own = [PACK] if config.rules.own else []
    return [*own, *map(Path, config.rules.paths), *sets_in(Path(config.data.folder)).values()]


def _edition_of(config: Config) -> Edition:
    return _edition(tuple(sources_of(config)), make_shelf(config))


@cache
def _edition(sources: tuple[Path, ...], shelf: Shelf) -> Edition:
    """Return the rules in some places, read once in a process."""
    return shelf.compile(sources)


def make_indicators(config: Config) -> Index:
    """Return the indicators in force: those of the lists in the data folder; read once, until a file changes."""
    paths = feeds_in(Path(config.data.folder)).values()
    return _indicators(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@lru_cache(2)
def _indicators(files: tuple[tuple[Path, int, int], ...]) -> Index:
    return Index([feed_at(path) for path, _, _ in files])


class Lists:
    """The lists of indicators in force, which can be read again; says what their marks mean.

    At first a damaged one is left out, since a server that watches without it is better than none.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.damaged = ""
        """Which lists were left out at first, and why, as a sentence; empty while all are well."""
        try:
            self.index = make_indicators(config)
        except BadInput:
            self.index = self._sound()

    def _sound(self) -> Index:
        feeds, errors = [], []
        for path in feeds_in(Path(self._config.data.folder)).values():
            try:
                feeds.append(feed_at(path))
            except BadInput as error:
                errors.append(str(error))
        self.damaged = f"a list of indicators is left out: {'; '.join(errors)}"
        return Index(feeds)

    def read(self) -> None:
        """Put the lists that are there now in force.

        Raises
        ------
        BadInput
            If one is damaged; those before then stay.
        """
        self.index = make_indicators(self._config)
        self.damaged = ""

    def head(self, mark: str) -> Head | None:
        """Return what is told of an indicator, as of a rule; None if no list in force has it."""
        one = self.index.found(mark)
        if one is None:
            return None
        return Head(
            mark,
            title(one),
            one.level,
            one.techniques,
            author=one.feed,
            references=(one.reference,) if one.reference else (),
            detector="indicators",
            family=f"vedette/indicators/{one.feed}",
            note=note(mark, one),
        )


def pseudonym_key(folder: Path) -> bytes:
    """Return the key that makes pseudonyms in this data folder, new at the first call, mode 0600."""
    path = folder / "pseudonym.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".pseudonym.{token_bytes(4).hex()}"
        draft.touch(mode=0o600)
        draft.write_bytes(token_bytes(KEY_BYTES))
        publish(draft, path)
    return path.read_bytes()


def user_key() -> bytes:
    """Return this user's own pseudonym key, for commands that have no data folder."""
    base = Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return pseudonym_key(base / "vedette")
