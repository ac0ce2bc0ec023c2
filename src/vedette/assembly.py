"""Configuration in, wired pipeline out: the one place that knows which parts make a Vedette."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from os import environ
from pathlib import Path
from secrets import token_bytes

from vedette.config.schema import Config
from vedette.decision.context import Plans
from vedette.decision.decide import Decider
from vedette.detectors.baseline import Baseline
from vedette.detectors.novelty import Novelty
from vedette.durable import publish
from vedette.features.extract import Extractor
from vedette.journal.commit import GroupCommit
from vedette.pipeline import Gateway, Shard
from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.time import SECOND

KEY_BYTES = 32


def make_shard(config: Config) -> Shard:
    """Return an empty shard: nothing learned, nothing open."""
    return Shard(
        Extractor(
            width=round(config.features.window * SECOND),
            lateness=round(config.features.lateness * SECOND),
            max_segments=config.features.max_segments,
        ),
        Baseline(ready_after=config.learning.ready_after),
        Novelty(ready_after=config.learning.ready_after),
        Plans(round(config.decision.change_window * SECOND)),
        Decider(
            budget=config.decision.budget_per_day,
            resolve_after=round(config.decision.resolve_after * SECOND),
        ),
    )


def make_gate(config: Config, key: bytes) -> Gate:
    """Return the privacy gate of this configuration; `key` makes pseudonyms."""
    return Gate(Policy.default().with_fields(config.privacy.fields), key)


def make_gateway(config: Config, key: bytes, commit: GroupCommit) -> Gateway:
    """Return the gateway in front of a journal."""

    def append(batches: Sequence[SafeBatch], digest: bytes | None) -> Future[int]:
        return commit.submit(batches, digest)

    return Gateway(match=no_rules, gate=make_gate(config, key), append=append)


def no_rules(batch: RawBatch) -> RawBatch:
    """Match nothing: rules are not part of this release."""
    return batch


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
