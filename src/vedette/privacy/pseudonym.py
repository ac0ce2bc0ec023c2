"""Keyed pseudonyms: the same value gets the same token under the same key, and no way leads back."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from typing import Final

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
        self._tokens: dict[str, dict[str, str]] = {}

    def tokens(self, prefix: str, values: Sequence[str]) -> list[str]:
        """Return the token of each value."""
        known = self._tokens.setdefault(prefix, {})
        if len(known) > REMEMBERED:
            known.clear()
        return [known.get(value) or known.setdefault(value, self.token(prefix, value)) for value in values]

    def token(self, prefix: str, value: str) -> str:
        """Return the token of one value."""
        digest = blake2b(f"{prefix}\0{normal(value)}".encode(), digest_size=DIGEST, key=self._key)
        return f"{prefix}_{digest.hexdigest()}"


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
