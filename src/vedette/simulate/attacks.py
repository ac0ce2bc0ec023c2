"""Attacks and faults on the shop: what an attacker would send, as visits; faults are switched in the shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedette.simulate.model import Visit

INJECTIONS: Final = (
    "1 OR 1=1",
    "1 UNION SELECT name, password FROM users--",
    "0 UNION SELECT name, card FROM users LIMIT 5--",
    "1 AND (SELECT COUNT(*) FROM users) > {n}",
    "1/**/UNION/**/SELECT/**/sql,1/**/FROM/**/sqlite_master--",
    "-{n} UNION ALL SELECT CHAR(113,120), randomblob({n})--",
    "1 AND {n}=LIKE('ABCDEFG',UPPER(HEX(RANDOMBLOB({n}00000))))",
    "{n}'",
)


@dataclass(frozen=True, slots=True)
class Attack:
    """A kind of attack or fault.

    ``rate`` is requests per second at intensity 1; 0 for a fault of the shop itself. ``feature`` names
    what an explanation should name.
    """

    name: str
    title: str
    technique: str
    rate: float
    feature: str


ATTACKS: Final = {
    attack.name: attack
    for attack in (
        Attack("sqli", "SQL injection in the JSON body of /checkout", "T1190", 1.5, "request_shape"),
        Attack("login_guessing", "password guessing at /login", "T1110.001", 2.0, "denied_ratio"),
        Attack("card_testing", "stolen cards tried at /checkout", "T1110.004", 1.5, "denied_ratio"),
        Attack("scan", "scanning for files that are not there", "T1595.003", 4.0, "missing_ratio"),
        Attack("slow_checkout", "/checkout takes six times as long", "", 0.0, "latency_p95_seconds"),
        Attack("error_burst", "every third request fails", "", 0.0, "error_ratio"),
    )
}


def visits(attack: Attack, start: float, end: float, seed: int, intensity: float = 1.0) -> Iterator[Visit]:
    """Yield an attack's requests from `start` to `end`; a fault has none."""
    rng = np.random.default_rng(seed)
    if not attack.rate:
        return
    moment = start + float(rng.exponential(1 / (attack.rate * intensity)))
    number = 0
    while moment < end:
        yield _visit(attack, moment, number, rng)
        moment += float(rng.exponential(1 / (attack.rate * intensity)))
        number += 1


def _visit(attack: Attack, moment: float, number: int, rng: np.random.Generator) -> Visit:
    client = f"203.0.113.{7 + number % 3}"
    takes = 0.06 * float(rng.lognormal(0.0, 0.25))
    if attack.name == "sqli":
        payload = INJECTIONS[int(rng.integers(len(INJECTIONS)))].replace("{n}", str(int(rng.integers(1, 99))))
        status = 500 if payload.endswith("'") or "sql,1" in payload else 200
        return Visit(moment, "POST", "/checkout", "/checkout", client, "", takes, status, {"item": payload, "note": ""})
    if attack.name == "login_guessing":
        body = {"name": f"user{int(rng.integers(300))}", "password": f"Summer{int(rng.integers(1990, 2030))}!"}
        return Visit(moment, "POST", "/login", "/login", client, str(body["name"]), takes, 401, body)
    if attack.name == "card_testing":
        # a new client every few tries, and an order that is like everybody's: only the bank says no
        order = {"item": 1 + int(rng.integers(400)), "note": ""}
        client = f"198.51.100.{1 + int(rng.integers(60))}"
        status = 403 if rng.random() < 0.9 else 200
        return Visit(moment, "POST", "/checkout", "/checkout", client, f"user{number % 300}", takes, status, order)
    word = ("admin", "backup", "wp-login", "phpmyadmin", "config", "test", "old")[number % 7]
    return Visit(moment, "GET", "", f"/{word}{int(rng.integers(1, 999))}.php", client, "", takes / 3, 404)
