"""Indicators from a TAXII 2.1 collection, when the operator asks for them: nothing is fetched unasked.

References
----------
TAXII 2.1 (OASIS), sections 3.4 Filtering, 3.5 Pagination, 5.3 Get a Collection, 5.4 Get Objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from vedette.errors import BadInput

ACCEPT: Final = "application/taxii+json;version=2.1"
TYPES: Final = "indicator,relationship,attack-pattern,malware,tool,intrusion-set,campaign,threat-actor,infrastructure"
"""Types of objects that are asked for: indicators, and what they may indicate."""

TIMEOUT: Final = 60.0
"""Seconds that a server may take to begin, or to go on with, an answer."""
LARGEST: Final = 256 << 20
"""Bytes of all pages together, unpacked."""
PAGE: Final = "1000"
"""Objects of a page that are asked for; medallion, OASIS' own server, can't go on to a page without it."""
MOST_PAGES: Final = 100_000

LOCAL: Final = ("localhost", "127.0.0.1", "::1")


def is_address(source: str) -> bool:
    """Say whether a source is to be fetched."""
    return urlsplit(source).scheme in ("http", "https")


def collection(url: str, *, user: str = "", password: str = "", token: str = "") -> list[Any]:
    """Return the STIX objects of a collection that tell of indicators, page by page. Blocks.

    Parameters
    ----------
    url
        Of the collection: ``https://host/api1/collections/ID/``.
    user, password
        For Basic authentication; none if empty.
    token
        For Bearer authentication; none if empty.

    Raises
    ------
    BadInput
        If the server can't be reached, refuses, redirects, speaks no TAXII 2.1 or sends too much, in words; and before
        a secret would go over a network in the clear.
    """
    base = url.split("?")[0].rstrip("/").removesuffix("/objects") + "/"
    if (user or token) and urlsplit(base).scheme == "http" and urlsplit(base).hostname not in LOCAL:
        raise BadInput("secret_in_the_clear", detail=f"got {base}, expected https:// where a secret is sent")
    headers = {"Accept": ACCEPT, **({"Authorization": f"Bearer {token}"} if token else {})}
    auth = httpx.BasicAuth(user, password) if user else None
    with httpx.Client(headers=headers, auth=auth, timeout=TIMEOUT, trust_env=False) as client:
        about, size = _get(client, base, {}, 0)
        if "can_read" not in about:
            raise BadInput("no_collection", detail=f"{base}: {_hint(about)}")
        if about["can_read"] is not True:
            raise BadInput("not_readable", detail=f"{base}: the server does not let this user read the collection")
        return list(_objects(client, base + "objects/", size))


def _objects(client: httpx.Client, url: str, size: int) -> Iterator[Any]:
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page, size = _get(client, url, {"match[type]": TYPES, "limit": PAGE, **more}, size)
        things = page.get("objects", [])
        if not isinstance(things, list):
            raise BadInput("no_taxii", detail=f"{url}: got objects {str(things)[:60]!r}, expected a list")
        yield from things
        if page.get("more") is not True:
            return
        following = str(page.get("next") or "")
        if not following or not things:
            raise BadInput(
                "no_taxii",
                detail=f"{url}: more is true, with {len(things)} objects and next {following!r}, expected both",
            )
        more = {"next": following}  # which may stay the same: a cursor of the server's
    raise BadInput("too_many_pages", detail=f"{url}: more than {MOST_PAGES} pages")


def _get(client: httpx.Client, url: str, query: Mapping[str, str], size: int) -> tuple[dict[str, Any], int]:
    """Return an answer, and how many bytes were read with it."""
    parts: list[bytes] = []
    try:
        with client.stream("GET", url, params=dict(query)) as answer:
            for part in answer.iter_bytes():
                size += len(part)
                if size > LARGEST:
                    raise BadInput("collection_too_large", detail=f"{url}: more than {LARGEST} bytes")
                parts.append(part)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadInput("unreachable", detail=f"{url}: {error or type(error).__name__}") from error
    data = b"".join(parts)
    if answer.status_code != httpx.codes.OK:
        raise BadInput("refused", detail=f"{url}: {_refusal(answer, data)}")
    kind = answer.headers.get("content-type", "")
    if "taxii+json" not in kind:
        raise BadInput("no_taxii", detail=f"{url}: got {kind or 'no content type'!r}, expected {ACCEPT}")
    try:
        found = orjson.loads(data or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadInput("no_taxii", detail=f"{url}:{error.lineno}: {error.msg}") from error
    if not isinstance(found, dict):
        raise BadInput("no_taxii", detail=f"{url}: got {str(found)[:40]!r}, expected a JSON object")
    return found, size


def _refusal(answer: httpx.Response, data: bytes) -> str:
    """Return what a refusal says: status, the server's own words, when to come back, where it points to."""
    words = [f"{answer.status_code} {answer.reason_phrase}"]
    try:
        said = orjson.loads(data)
        words += [str(said[name])[:200] for name in ("title", "description") if said.get(name)]
    except (orjson.JSONDecodeError, AttributeError):
        pass
    if answer.headers.get("retry-after"):
        words.append(f"come back after {answer.headers['retry-after']} s")
    if answer.has_redirect_location:
        words.append(f"it points to {answer.headers['location']}, which was not followed")
    return ", ".join(words)


def _hint(about: Mapping[str, Any]) -> str:
    """Return what an address is that is no collection."""
    roots = about.get("api_roots")
    if isinstance(roots, list):
        return f"this is the discovery of {', '.join(map(str, roots[:5]))}; expected ROOT/collections/ID/"
    things = about.get("collections")
    if isinstance(things, list):
        known = ", ".join(f"{one.get('id')} ({one.get('title')})" for one in things[:10] if isinstance(one, dict))
        return f"this lists the collections {known or 'none'}; expected the address of one"
    return "expected the address of a collection, such as https://host/api1/collections/ID/"
