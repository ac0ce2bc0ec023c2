"""What calls say that they call: a database, cache or queue by its system, a third party by its name."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.columns import distinct, labels
from vedette.features.names import Names
from vedette.kernels import ints as kernel
from vedette.records import schema
from vedette.records.tier import CACHE, DATABASE, EXTERNAL, QUEUE

Ints = NDArray[np.int64]

CACHES: Final = frozenset({"redis", "memcached", "valkey", "hazelcast", "infinispan", "ehcache", "keydb", "dragonfly"})
"""Systems that are caches, most of the time; all others that a database's span names are databases."""

SAID: Final = (schema.PEER, schema.DATABASE, schema.BROKER, schema.NAMESPACE, schema.SERVER)
"""Columns that tell whom a span calls."""

_NAMELESS: Final = re.compile(r"a_[0-9a-f]{12}|<ip>|localhost|")
"""Hosts that name nobody: addresses behind the privacy gate, the machine itself."""


def systems_of(columns: pa.RecordBatch, calling: NDArray[np.bool_], systems: Names, limit: int) -> Ints:
    """Return the number among `systems` of what each call says that it calls; -1 for nothing.

    New ones, at most `limit`, are added in order of first occurrence, as `called` writes them.
    """
    said = [labels(columns, name) for name in SAID]
    rows = np.flatnonzero(calling & np.logical_or.reduce([one.present for one in said]))
    found = np.full(columns.num_rows, -1, np.int64)
    if not len(rows):
        return found
    sends = _is_producer(columns)[rows]
    place = sends.astype(np.int64)
    for one in said:
        _, place = distinct(place * (len(one.values) + 1) + one.codes[rows] + 1)
    first, place = kernel.distinct(place)
    texts = [called(*(one.value(int(one.codes[rows[row]])) for one in said), sends=bool(sends[row])) for row in first]
    found[rows] = np.array([systems.number(text, limit) if text else -1 for text in texts], np.int64)[place]
    return found


def _is_producer(columns: pa.RecordBatch) -> NDArray[np.bool_]:
    kind = labels(columns, schema.SPAN_KIND)
    return np.array([value == "producer" for value in kind.values] + [False], np.bool_)[kind.codes]


def called(peer: str, database: str, broker: str, namespace: str, server: str, *, sends: bool) -> str:
    """Return tier and name of what a call says that it calls; ``""`` where that names nobody, or waits for messages.

    The caller's own name for it goes first, else a system with the name of its database, or of its host. A database
    that is only numbered, as Redis' are, is known by its host. Who receives waits for as long as nothing comes, so
    that only what is sent tells how quick a queue is.

    >>> called("", "postgresql", "", "orders", "db.local", sends=False), called("", "redis", "", "0", "", sends=False)
    ('database postgresql orders', 'cache redis')
    >>> called("", "", "", "", "api.cards.example", sends=False), called("", "", "kafka", "", "", sends=True)
    ('external api.cards.example', 'queue kafka')
    >>> called("", "", "", "", "a_5f2a9c1d77e0", sends=False), called("", "", "kafka", "", "", sends=False)
    ('', '')
    """
    tier = system_tier(database, broker) or EXTERNAL
    if (tier == QUEUE) != sends:
        return ""
    name = peer
    if not peer and (database or broker):
        told = server if server not in ("localhost", "<ip>") else ""
        part = namespace if namespace and not namespace.isdigit() else told
        name = f"{database or broker} {part}".strip()
    elif not peer and not _NAMELESS.fullmatch(server):
        name = server
    return f"{tier} {name}" if name else ""


def system_tier(database: str, broker: str) -> str:
    """Return the tier of a system that a span names; ``""`` where it names none.

    >>> system_tier("Redis", ""), system_tier("mongodb", ""), system_tier("", "kafka")
    ('cache', 'database', 'queue')
    """
    if database:
        return CACHE if database.lower() in CACHES else DATABASE
    return QUEUE if broker else ""


def parted(system: str) -> tuple[str, str]:
    """Return tier and name of what `called` wrote."""
    tier, _, name = system.partition(" ")
    return tier, name
