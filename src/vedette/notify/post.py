"""One HTTP POST with a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedette.notify.base import DeliveryFailed

DEADLINE: Final = 10.0


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    """Return status and the beginning of the answer; raises `DeliveryFailed` when there is none."""
    import httpx

    try:
        answer = httpx.post(url, content=body, headers=dict(headers), timeout=DEADLINE, follow_redirects=False)
    except httpx.HTTPError as error:
        raise DeliveryFailed(f"{url}: {type(error).__name__} {error}") from error
    return answer.status_code, answer.text[:200]
