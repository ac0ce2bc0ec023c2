"""A bank's web traffic, before and after a new release of its user interface; and what goes wrong in either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any, Final

import numpy as np

from vedette.simulate.attacks import INJECTIONS
from vedette.simulate.model import DAY, Page, Visit, rate

SERVICE: Final = "bank"

CUSTOMERS: Final = 600
PAYEES: Final = 900
REFERENCES: Final = ("rent", "invoice 2041", "thank you", "gift", "", "Müller & Söhne", "O'Neill", "june")

OLD: Final = (
    Page("GET", "/accounts", 0.24, 0.080),
    Page("GET", "/accounts/{id}/transactions", 0.34, 0.120),
    Page("GET", "/cards", 0.12, 0.060),
    Page("GET", "/messages", 0.08, 0.040),
    Page("POST", "/login", 0.09, 0.150),
    Page("POST", "/transfers", 0.10, 0.180),
    Page("POST", "/payees", 0.03, 0.070),
)
NEW: Final = (
    Page("GET", "/api/overview", 0.22, 0.140),
    Page("GET", "/accounts/{id}/transactions", 0.30, 0.060),
    Page("GET", "/api/search", 0.16, 0.045),
    Page("GET", "/messages", 0.14, 0.040),
    Page("POST", "/login", 0.05, 0.260),
    Page("POST", "/transfers", 0.08, 0.250),
    Page("POST", "/payees", 0.02, 0.070),
    Page("GET", "/accounts", 0.03, 0.080),
)
"""The new page asks for everything at once, searches while one types, and shows messages on every view; sessions last
longer; a phone application still asks as before."""

BUSIER: Final = 1.7
"""Requests of the new user interface for one of the old."""

SIZES: Final = {
    "/accounts": 900,
    "/accounts/{id}/transactions": 6200,
    "/cards": 700,
    "/messages": 450,
    "/login": 120,
    "/api/overview": 3100,
    "/api/search": 800,
}
SMALL: Final = 60
"""Bytes of every other answer."""

LOGGED_OUT: Final = 2 * 3600.0
"""Seconds after the release in which everybody logs in again."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that should be found: what, when, and what it is called (`TROUBLES`)."""

    name: str
    start: float
    seconds: float = 900.0

    @property
    def end(self) -> float:
        """When it is over."""
        return self.start + self.seconds


TROUBLES: Final = ("slow_transfers", "failing", "injection", "guessing", "outage", "harvest")
"""Transfers take six times as long; a third of all requests fail; queries in references of transfers; passwords
tried; a third of the requests arrive; one customer reads the transactions of all accounts."""


class Bank:
    """Draws a bank's requests, reproducibly.

    Parameters
    ----------
    mean
        Requests per second, averaged over a day, with the old user interface.
    seed
        Of all chance.
    release
        When the new user interface comes, epoch seconds.
    troubles
        What goes wrong.
    """

    def __init__(self, mean: float, seed: int, release: float = float("inf"), troubles: Sequence[Trouble] = ()) -> None:
        self._mean, self._release, self._troubles = mean, release, troubles
        self._rng = np.random.default_rng(seed)

    def between(self, start: float, end: float) -> Iterator[Visit]:
        """Yield the requests from `start` to `end` in order of time."""
        attacks = (
            (visit for visit in self._attack(trouble) if start <= visit.time < end)
            for trouble in self._troubles
            if trouble.start < end and start < trouble.end
        )
        return merge(self._customers(start, end), *attacks, key=lambda visit: visit.time)

    def _customers(self, start: float, end: float) -> Iterator[Visit]:
        while start < end:
            new = start >= self._release
            pages, shares = NEW if new else OLD, np.array([page.share for page in (NEW if new else OLD)])
            again = new and start < self._release + LOGGED_OUT
            shares = shares * np.where([again and page.route == "/login" for page in pages], 3.0, 1.0)
            width = min(60.0, end - start)
            count = self._rng.poisson(width * rate(start, self._mean) * (BUSIER if new else 1.0))
            times = np.sort(self._rng.random(count)) * width + start
            chosen = self._rng.choice(len(pages), count, p=shares / shares.sum())
            takes = self._rng.lognormal(0.0, 0.3, count)
            draws = self._rng.random((count, 4))
            for moment, page, slow, draw in zip(
                times.tolist(), chosen.tolist(), takes.tolist(), draws.tolist(), strict=True
            ):
                visit = self._visit(moment, pages[page], slow, draw, new=new)
                if visit is not None:
                    yield visit
            start += width

    def _visit(self, moment: float, page: Page, slow: float, draw: list[float], *, new: bool) -> Visit | None:
        """Return one request of a customer; None if an outage keeps it away."""
        customer = int(draw[0] ** 1.5 * CUSTOMERS)
        status, body = _asked(page, customer, draw, new=new)
        trouble = next((one.name for one in self._troubles if one.start <= moment < one.end), "")
        if trouble == "outage" and draw[3] > 1 / 3:
            return None
        if trouble == "failing" and draw[3] < 1 / 3:
            status = 500
        slow *= 6.0 if trouble == "slow_transfers" and page.route == "/transfers" else 1.0
        path = page.route.replace("{id}", str(10_000 + customer))
        client = f"198.18.{customer // 250}.{customer % 250 + 1}"
        return Visit(moment, page.method, page.route, path, client, f"c{customer}", page.median * slow, status, body)

    def _attack(self, trouble: Trouble) -> Iterator[Visit]:
        """Yield the requests that an attack adds; a fault adds none."""
        if trouble.name not in ("injection", "guessing", "harvest"):
            return
        rng, moment = np.random.default_rng(round(trouble.start)), trouble.start
        while (moment := moment + float(rng.exponential(1.0))) < trouble.end:
            takes, number = 0.1 * float(rng.lognormal(0.0, 0.3)), int(rng.integers(1, 1000))
            client = f"203.0.113.{7 + number % 3}"
            if trouble.name == "injection":
                text = INJECTIONS[number % len(INJECTIONS)].replace("{n}", str(number))
                body = _transfer(number, 10.0, text, new=moment >= self._release)
                yield Visit(moment, "POST", "/transfers", "/transfers", client, "c17", takes, 200, body)
            elif trouble.name == "guessing":
                name = f"c{number % CUSTOMERS}"
                body = {"name": name, "password": f"Summer{number}!"}
                yield Visit(moment, "POST", "/login", "/login", client, name, takes, 401, body)
            else:
                route = "/accounts/{id}/transactions"
                path = route.replace("{id}", str(10_000 + number))
                yield Visit(moment, "GET", route, path, client, "c17", takes, 200 if number % 3 else 403)


def _asked(page: Page, customer: int, draw: list[float], *, new: bool) -> tuple[int, dict[str, Any] | None]:
    """Return status and body of a customer's request."""
    if page.route == "/login":
        wrong = draw[1] < 0.05
        body = {"name": f"c{customer}", "password": "guess" if wrong else "correct horse"}
        return 401 if wrong else 200, body | ({"device": f"d{customer}", "remember": True} if new else {})
    if page.route == "/transfers":
        reference = REFERENCES[int(draw[1] * len(REFERENCES))]
        return 422 if draw[2] < 0.03 else 201, _transfer(int(draw[2] * PAYEES), 500.0 * draw[1], reference, new=new)
    if page.route == "/payees":
        return 201, {"name": f"Payee {int(draw[2] * PAYEES)}", "account": f"DE{int(draw[1] * 1e10):010d}"}
    return 404 if draw[2] < 0.004 else 200, None


def _transfer(payee: int, amount: float, reference: str, *, new: bool) -> dict[str, Any]:
    if new:
        return {
            "payee": payee,
            "amount": {"value": round(amount, 2), "currency": "EUR"},
            "note": reference,
            "when": None,
        }
    return {"to": payee, "amount": round(amount, 2), "reference": reference}


def answer_sizes() -> dict[str, int]:
    """Return the bytes of the bank's answers by route and status."""
    routes = {page.route for page in (*OLD, *NEW)}
    return {f"{route} {status}": SIZES.get(route, SMALL) for route in routes for status in (200, 201)}


def schedule(start: float, days: int, first: int = 0) -> list[Trouble]:
    """Return two troubles a day from `start` on (midnight), at different hours of the day, each kind in turn."""
    hours = (10.3, 20.7, 2.2, 15.4)
    return [
        Trouble(TROUBLES[(first + number) % len(TROUBLES)], start + number // 2 * DAY + hours[number % 4] * 3600.0)
        for number in range(2 * days)
    ]
