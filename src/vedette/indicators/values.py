"""Values as lists write them, to values as events are compared with them; what would match too much is refused."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final
from urllib.parse import urlsplit

from vedette.errors import BadInput
from vedette.indicators.model import Kind

LONGEST: Final = 2048
"""Characters of a value; what looks for them reads no longer ones."""

BROADEST: Final = {4: 8, 6: 19}
"""Shortest prefix that is taken: a list that means more of the internet than a regional registry holds in one block
(IANA allocates /8 and /12 blocks; the shortest IPv6 allocation in use is a /19) is a mistake."""

_HASH: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")
_LABEL: Final = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")
_EMAIL: Final = re.compile(r"[a-z0-9._%+-]{1,64}@(?P<domain>[^@]+)")
_PORT: Final = re.compile(r"(?P<host>\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:.]+\]):\d{1,5}")
_FANGS: Final = (("[.]", "."), ("(.)", "."), ("{.}", "."), ("[:]", ":"), ("[@]", "@"), ("[dot]", "."), ("[at]", "@"))
_SCHEME: Final = re.compile(r"hxxp(s?)(?=:)", re.IGNORECASE)
PORTS: Final = {"http": 80, "https": 443, "ftp": 21}

Network = IPv4Network | IPv6Network
_MAPPED: Final = IPv6Network("::ffff:0:0/96")


def refanged(text: str) -> str:
    """Return a value without what keeps people from clicking on it.

    >>> refanged("hxxps://bad[.]example/a")
    'https://bad.example/a'
    """
    for fang, plain in _FANGS:
        text = text.replace(fang, plain)
    return _SCHEME.sub(r"http\1", text.strip())


def normal(kind: Kind, text: str, *, reserved: bool = False) -> str:
    """Return a value as events are compared with it.

    Parameters
    ----------
    reserved
        Take addresses of private, documentation and other special ranges, too.

    Raises
    ------
    BadInput
        If it is none of its kind, or would match what is not meant.
    """
    value = refanged(text)
    if not value or len(value) > LONGEST:
        raise BadInput("bad_indicator", detail=f"got {value[:60]!r}, expected 1 to {LONGEST} characters")
    return _address(value, reserved) if kind is Kind.ADDRESS else _NORMAL[kind](value)


def kind_of(text: str) -> Kind:
    """Return what a value looks like.

    Raises
    ------
    BadInput
        If it looks like nothing that is looked up.

    Examples
    --------
    >>> [kind_of(one).word for one in ("10.0.0.0/8", "a.example", "http://a.example/", "d" * 32, "a@b.example")]
    ['address', 'domain', 'URL', 'file hash', 'e-mail address']
    """
    value = refanged(text)
    if "://" in value:
        return Kind.URL
    if "@" in value:
        return Kind.EMAIL
    if _HASH.fullmatch(value.lower()):
        return Kind.HASH
    try:
        network(value)
    except ValueError:
        if _DOMAIN.fullmatch(value.lower().rstrip(".")):
            return Kind.DOMAIN
        raise BadInput(
            "bad_indicator", detail=f"got {value[:60]!r}, expected an address, domain, URL, hash or e-mail address"
        ) from None
    return Kind.ADDRESS


@lru_cache(64)
def network(value: str) -> Network:
    """Return an address or range; a port behind the address is left out, what is IPv4 written as IPv6 is IPv4.

    Raises
    ------
    ValueError
        If it is none.
    """
    with_port = _PORT.fullmatch(value)
    found = ip_network(with_port["host"].strip("[]") if with_port else value, strict=False)
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        return IPv4Network((int(found.network_address) & 0xFFFFFFFF, found.prefixlen - 96))
    return found


def _address(value: str, reserved: bool) -> str:
    try:
        found = network(value)
    except ValueError:
        raise BadInput("bad_address", detail=f"got {value[:60]!r}, expected an IP address or a CIDR range") from None
    least = BROADEST[found.version]
    if found.prefixlen < least:
        raise BadInput("range_too_broad", detail=f"got {value}, expected a prefix of /{least} or longer")
    ends = {found.network_address, found.broadcast_address}
    if not reserved and not all(end.is_global for end in ends):
        raise BadInput(
            "reserved_range", detail=f"got {value}, of a private, documentation or other special range; see --reserved"
        )
    return str(found.network_address) if found.prefixlen == found.max_prefixlen else str(found)


def _domain(value: str) -> str:
    bare = value.lower().rstrip(".").removeprefix("*.")
    if not bare.isascii():
        try:
            bare = bare.encode("idna").decode()
        except UnicodeError:
            bare = ""
    if len(bare) > 253 or not _DOMAIN.fullmatch(bare):
        raise BadInput("bad_domain", detail=f"got {value[:60]!r}, expected a name of two labels or more")
    return bare


def url(value: str) -> str:
    """Return a URL with scheme and host in small letters, without its fragment and its scheme's own port.

    Raises
    ------
    BadInput
        If it is none.

    Examples
    --------
    >>> url("HTTP://Bad.Example:80#x")
    'http://bad.example/'
    """
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    if not parts.scheme or not host or not value.isascii() or re.search(r"[\s\"'<>`\\|^{}]", value):
        raise BadInput("bad_url", detail=f"got {value[:60]!r}, expected scheme://host/path in ASCII")
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != PORTS.get(parts.scheme):
        place += f":{port}"
    return f"{parts.scheme}://{place}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def _hash(value: str) -> str:
    if not _HASH.fullmatch(value.lower()):
        raise BadInput(
            "bad_hash", detail=f"got {value[:70]!r}, expected MD5, SHA-1 or SHA-256: 32, 40 or 64 hex digits"
        )
    return value.lower()


def _email(value: str) -> str:
    found = _EMAIL.fullmatch(value.lower())
    if not found or not _DOMAIN.fullmatch(found["domain"]):
        raise BadInput("bad_email", detail=f"got {value[:60]!r}, expected name@domain")
    return value.lower()


def _process(value: str) -> str:
    return value.replace("\\", "/").rpartition("/")[2].lower()


_NORMAL: Final = {
    Kind.DOMAIN: _domain,
    Kind.URL: url,
    Kind.HASH: _hash,
    Kind.EMAIL: _email,
    Kind.AGENT: str.lower,
    Kind.PROCESS: _process,
}
