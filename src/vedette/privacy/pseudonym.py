"""Keyed pseudonyms: the same value gets the same token under the same key, and no way leads back."""

from __future__ import annotations

from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from secrets import randbits
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.kernels.bytes import PAD
from vedette.kernels.ints import distinct
from vedette.kernels.vocabulary import Vocabulary
from vedette.records.texts import padded, string_column

Ints = NDArray[np.int64]

REMEMBERED: Final = 1 << 17
"""Distinct values whose token is kept at hand."""

DIGEST: Final = 6
"""Bytes of a token: 48 bits, two in 10 million values collide with chance 0.2."""


class Pseudonyms:
    """Makes tokens such as ``c_5f2a9c1d77e0``.

    Parameters
    ----------
    key
        Secret of this installation; another key gives other tokens.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, _Known] = {}

    def tokens(self, prefix: str, values: pa.Array) -> tuple[Ints, pa.Array]:
        """Return each value's place among the distinct tokens, and those; values in several spellings share one."""
        known = self._known.get(prefix)
        if known is None or len(known.values) > REMEMBERED:
            known = self._known[prefix] = _Known()
        data, ends = padded(values)
        numbers = known.values.numbers(data, ends[:-1], np.diff(ends))
        fresh = np.arange(len(known.token), len(known.values))
        if len(fresh):
            texts = string_column(*known.values.gathered(fresh)).to_pylist()
            known.learn(prefix, b"".join([self._digest(prefix, text) for text in texts]))
        token = known.token[numbers]
        firsts, place = distinct(token)
        return place, string_column(*known.tokens.gathered(token[firsts]))

    def token(self, prefix: str, value: str) -> str:
        """Return the token of one value."""
        return f"{prefix}_{self._digest(prefix, value).hex()}"

    def _digest(self, prefix: str, value: str) -> bytes:
        return blake2b(f"{prefix}\0{normal(value)}".encode(), digest_size=DIGEST, key=self._key).digest()


class _Known:
    """Values met lately, and the number of each one's token."""

    def __init__(self) -> None:
        self.values = Vocabulary(np.uint64(randbits(64)))
        self.tokens = Vocabulary()
        self.token: Ints = np.zeros(0, np.int64)

    def learn(self, prefix: str, digests: bytes) -> None:
        """Take in the digests of the values that came last, one after the other."""
        written = np.frombuffer(digests.hex().encode(), np.uint8).reshape(-1, 2 * DIGEST)
        head = np.frombuffer(f"{prefix}_".encode(), np.uint8)
        tokens = np.concatenate([np.broadcast_to(head, (len(written), len(head))), written], axis=1)
        count, size = tokens.shape
        data = np.append(tokens.ravel(), np.zeros(PAD, np.uint8))
        numbers = self.tokens.numbers(data, np.arange(0, count * size, size), np.full(count, size))
        self.token = np.concatenate([self.token, numbers])


def is_address(value: str) -> bool:
    """Say whether a value is one IP address and nothing else.

    >>> is_address("192.0.2.7"), is_address("[2001:db8::1]"), is_address("orders-db.local")
    (True, True, False)
    """
    try:
        ip_address(value.strip().strip("[]"))
    except ValueError:
        return False
    return True


def normal(value: str) -> str:
    """Return a value in one spelling: addresses as themselves (IPv4 in IPv6 as IPv4), other text in lower case.

    >>> normal("::ffff:192.0.2.7"), normal("Alice ")
    ('192.0.2.7', 'alice')
    """
    text = value.strip().strip("[]")
    if ":" not in text:
        return text.lower()  # dotted IPv4 has one spelling
    try:
        address = ip_address(text)
    except ValueError:
        return text.lower()
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
