"""The shop's traffic as a model: rates with a daily and weekly rhythm, who comes, what they ask for.

History and live traffic draw from the same model, so what was learned from the one holds for the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import pi, sin
from typing import Any, Final

import numpy as np

PRODUCTS: Final = 400
USERS: Final = 300
CLIENTS: Final = 500
PASSWORD: Final = "correct horse"

DAY: Final = 86_400.0
WEEKEND: Final = 0.8

WORDS: Final = ("lamp", "desk", "tea", "bag", "phone case", "chair", "shoes", "usb cable")
NOTES: Final = ("please ring", "leave at the door", "", "thanks", "it's a gift", "ring twice 😀", "O'Brien, 2nd floor")


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of request: its share of the traffic, and the median seconds it takes."""

    method: str
    route: str
    share: float
    median: float


PAGES: Final = (
    Page("GET", "/", 0.22, 0.030),
    Page("GET", "/product/<int:number>", 0.34, 0.040),
    Page("GET", "/search", 0.20, 0.055),
    Page("POST", "/login", 0.07, 0.060),
    Page("POST", "/cart", 0.09, 0.035),
    Page("POST", "/checkout", 0.08, 0.090),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, as the model draws it."""

    time: float
    """Seconds since the epoch."""
    method: str
    route: str
    path: str
    client: str
    user: str
    takes: float
    """Seconds that the shop takes for it."""
    status: int
    body: dict[str, Any] | None = field(default=None)

    @property
    def payload(self) -> bytes:
        """The JSON body, empty for none."""
        return b"" if self.body is None else json.dumps(self.body).encode()


def rate(moment: float, mean: float) -> float:
    """Return requests per second at a time: most at 15:00, fewest at 3:00 UTC, fewer on weekends."""
    hour = moment % DAY / 3600
    weekend = int(moment // DAY + 3) % 7 >= 5
    return mean * (1 + 0.5 * sin((hour - 9) / 24 * 2 * pi)) * (WEEKEND if weekend else 1.0)


class Traffic:
    """Draws visits, reproducibly.

    Parameters
    ----------
    mean
        Requests per second, averaged over a day.
    seed
        Of all chance.
    """

    def __init__(self, mean: float, seed: int) -> None:
        self._mean = mean
        self._rng = np.random.default_rng(seed)
        population = np.random.default_rng(11)  # the same people in history and live
        octets = population.integers(1, 224, (CLIENTS, 4)).tolist()
        self._clients = [".".join(map(str, four)) for four in octets]
        self._shares = np.array([page.share for page in PAGES]) / sum(page.share for page in PAGES)

    def between(self, start: float, end: float) -> Iterator[Visit]:
        """Yield the visits from `start` to `end` in order of time."""
        step = 60.0
        while start < end:
            width = min(step, end - start)
            count = self._rng.poisson(rate(start, self._mean) * width)
            yield from self._visits(np.sort(self._rng.random(count)) * width + start)
            start += width

    def _visits(self, times: np.ndarray[Any, np.dtype[np.float64]]) -> Iterator[Visit]:
        count = len(times)
        pages = self._rng.choice(len(PAGES), count, p=self._shares)
        clients = (self._rng.random(count) ** 2 * CLIENTS).astype(int)
        takes = self._rng.lognormal(0.0, 0.25, count)
        draws = self._rng.random((count, 4))
        columns = zip(times.tolist(), pages.tolist(), clients.tolist(), takes.tolist(), draws.tolist(), strict=True)
        for moment, page, client, slow, draw in columns:
            yield self._visit(moment, PAGES[page], client, slow, draw)

    def _visit(self, moment: float, page: Page, client: int, slow: float, draw: list[float]) -> Visit:
        path, body, status = _asked(page, client, draw)
        user = f"user{client % USERS}" if page.method == "POST" or draw[3] < 0.3 else ""
        return Visit(
            moment, page.method, page.route, path, self._clients[client], user, page.median * slow, status, body
        )


def _asked(page: Page, client: int, draw: list[float]) -> tuple[str, dict[str, Any] | None, int]:
    """Return path, body and status of a visit."""
    product = 1 + int(draw[0] * PRODUCTS)
    body: dict[str, Any]
    if page.route == "/product/<int:number>":
        missing = draw[1] < 0.01
        return f"/product/{product + (PRODUCTS if missing else 0)}", None, 404 if missing else 200
    if page.route == "/search":
        return f"/search?q={WORDS[product % len(WORDS)].replace(' ', '+')}", None, 200
    if page.route == "/login":
        wrong = draw[1] < 0.06
        body = {"name": f"user{client % USERS}", "password": "guess" if wrong else PASSWORD}
        return "/login", body, 401 if wrong else 200
    if page.route == "/cart":
        return "/cart", {"item": product, "count": 1 + int(draw[1] * 3)}, 200
    if page.route == "/checkout":
        body = {"item": product, "note": NOTES[int(draw[1] * len(NOTES))]}
        if draw[2] < 0.05:
            body["gift_wrap"] = True
        return "/checkout", body, 200
    return page.route, None, 200
