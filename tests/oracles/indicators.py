"""What a text holds of a list of indicators, the slow obvious way: expressions, ``ipaddress``, one loop over all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

from vedette.errors import BadInput
from vedette.indicators.model import Indicator, Kind
from vedette.indicators.values import url

WORD = re.compile(r"[A-Za-z0-9._-]+")
COLONS = re.compile(r"(?<![0-9A-Za-z.:])[0-9a-fA-F:.]++(?![0-9A-Za-z])")
ADDRESS = re.compile(r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})")
SCHEME = re.compile(r"[A-Za-z]+$")
REST = re.compile(r"://[^\s\"'<>\\`^{}|\x00-\x1f\x7f-\U0010ffff#]+(#?)")
LOCAL = re.compile(r"[A-Za-z0-9._%+-]+$")


def held(text: str, indicators: Sequence[Indicator]) -> set[str]:
    """Return the values that a text holds."""
    found = set(tokens(text))
    addresses = [ip_address(value) for kind, value in found if kind is Kind.ADDRESS]
    return {
        one.value
        for one in indicators
        if (one.kind, one.value) in found
        or (one.kind is Kind.ADDRESS and any(_within(address, one.value) for address in addresses))
    }


def _within(address, value: str) -> bool:
    network = ip_network(value)
    if address.version == 6 and address.ipv4_mapped is not None and network.version == 4:
        address = address.ipv4_mapped
    return address in network


def tokens(text: str) -> Iterator[tuple[Kind, str]]:
    """Yield what may be an indicator."""
    for match in WORD.finditer(text):
        word = match[0]
        name = word.strip("._-")
        if not 4 <= len(name) <= 253 or "." not in name:
            continue
        if ADDRESS.fullmatch(name) and all(int(part) < 256 for part in name.split(".")):
            yield Kind.ADDRESS, name
            continue
        labels = name.lower().split(".")
        if len(labels[-1]) < 2 or not (labels[-1].isalpha() or (labels[-1].startswith("xn-") and len(labels[-1]) > 4)):
            continue
        for place in range(len(labels) - 1):
            yield Kind.DOMAIN, ".".join(labels[place:])
        before = LOCAL.search(text[: match.start() - 1]) if text[match.start() - 1 : match.start()] == "@" else None
        if before and word[0].isalnum() and len(before[0]) <= 64:
            yield Kind.EMAIL, f"{before[0]}@{name}".lower()
    for part in re.findall(r"(?<![A-Za-z0-9])[0-9a-fA-F]+(?![A-Za-z0-9])", text):
        if len(part) in (32, 40, 64):
            yield Kind.HASH, part.lower()
    for match in COLONS.finditer(text):
        part = match[0].removesuffix(".")
        part = part[:-1] if part.endswith(":") and not part.endswith("::") else part
        try:
            found = ip_address(part)
        except ValueError:
            continue
        if ":" in part:
            yield Kind.ADDRESS, str(found)
    plain = text.replace("\\/", "/").replace("\\u0026", "&")
    for colon in (match.start() for match in re.finditer("://", plain)):
        scheme, rest = SCHEME.search(plain[:colon]), REST.match(plain, colon)
        if scheme is None or rest is None or len(scheme[0]) > 32:
            continue
        whole = scheme[0] + (rest[0] if rest[1] else rest[0].rstrip("!),.:;]"))
        if "@" in whole.split("://")[1].split("/")[0]:
            continue
        try:
            yield Kind.URL, url(whole)
        except BadInput:
            continue
