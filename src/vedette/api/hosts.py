"""Who may talk to the API from a browser: answers to DNS rebinding and cross-site requests."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

PRIVATE: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
"""Name endings that nobody can register (RFC 6761, 6762, 8375; ICANN's `.internal`)."""

_OWN_SITE: Final = frozenset({"same-origin", "none"})


def is_trusted(host: str, allowed: frozenset[str]) -> bool:
    """Return whether a ``Host`` header can't be that of a stranger's page which rebound its name to us.

    An address, a name without a dot (a container's), a private ending, or a name that the operator
    allowed.

    >>> is_trusted("127.0.0.1:4318", frozenset()), is_trusted("vedette:4318", frozenset())
    (True, True)
    >>> is_trusted("evil.example", frozenset()), is_trusted("watch.example", frozenset({"watch.example"}))
    (False, True)
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    name = name.rstrip(".")
    return name in allowed or "." not in name or name.endswith(PRIVATE) or _is_address(name)


async def check_host(request: Request) -> None:
    """Refuse a request whose host is a stranger's name."""
    host = request.headers.get("host", "")
    if not is_trusted(host, request.app.state.hosts):
        raise HTTPException(403, f"host {host!r} is not allowed here: allow it in the configuration, or use an address")


async def check_site(request: Request) -> None:
    """Refuse a change that another site's page asks for."""
    site = request.headers.get("sec-fetch-site", "none")
    if site not in _OWN_SITE:
        raise HTTPException(403, f"a change can't be asked for from another site (Sec-Fetch-Site: {site})")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
