"""A made-up access log in combined format: five days of a small shop, with one burst of password guessing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

DAYS: Final = 5
DAY: Final = 86_400
START: Final = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
"""A Monday."""

ROUTES: Final[tuple[tuple[str, str, float, int], ...]] = (
    ("GET", "/", 0.16, 5200),
    ("GET", "/product/{}", 0.30, 8400),
    ("GET", "/search?q={word}&page={small}", 0.12, 6100),
    ("GET", "/static/css/site.{hash}.css", 0.08, 18_000),
    ("GET", "/static/js/app.{hash}.js", 0.08, 64_000),
    ("GET", "/img/{}.webp", 0.12, 24_000),
    ("POST", "/cart", 0.04, 320),
    ("GET", "/cart", 0.03, 2100),
    ("POST", "/login", 0.02, 410),
    ("POST", "/checkout", 0.015, 640),
    ("GET", "/api/v1/orders/{}/items", 0.025, 1500),
    ("GET", "/healthz", 0.01, 2),
)
WORDS: Final = ("red", "blue", "shoes", "lamp", "usb", "cable", "desk", "green", "tea", "phone", "case", "bag")
AGENTS: Final = (
    *(
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{n}.0.0.0 Safari/537.36"
        for n in range(120, 132)
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
)
BURST_SECONDS: Final = 300
GUESSERS: Final = ("203.0.113.7", "203.0.113.19", "198.51.100.4")


@dataclass(frozen=True, slots=True)
class Burst:
    """When the guessing took place (epoch seconds) and how many requests it made."""

    start: int
    end: int
    requests: int


def write_access_log(path: Path, lines: int, seed: int = 7, burst: bool = True) -> Burst | None:
    """Write a log of about `lines` lines and return the burst in it, if one was asked for.

    The rate follows a daily rhythm; about 2 % of requests fail in ordinary ways.
    """
    rng = np.random.default_rng(seed)
    truth = _burst(lines) if burst else None
    guesses = truth.requests if truth else 0
    times = _times(rng, lines - guesses)
    rows = _ordinary(rng, times)
    if truth:
        rows += _guessing(rng, truth)
        rows.sort(key=lambda row: row[0])
    with path.open("w") as file:
        file.writelines(line for _, line in rows)
    return truth


def _burst(lines: int) -> Burst:
    start = START + 4 * DAY + 15 * 3600 + 1234
    return Burst(start, start + BURST_SECONDS, max(min(600, lines // 20), 60))


def _times(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Return sorted times with more by day than by night."""
    draws = rng.random(count * 2) * DAYS * DAY
    hour = draws % DAY / 3600
    keep = rng.random(count * 2) < 0.55 + 0.45 * np.sin((hour - 9) / 24 * 2 * np.pi)
    while keep.sum() < count:
        keep |= rng.random(count * 2) < 0.1
    chosen: NDArray[np.int64] = np.sort(draws[keep][:count]).astype(np.int64) + START
    return chosen


def _ordinary(rng: np.random.Generator, times: NDArray[np.int64]) -> list[tuple[int, str]]:
    count = len(times)
    weights = np.array([route[2] for route in ROUTES])
    route = rng.choice(len(ROUTES), count, p=weights / weights.sum())
    clients = [".".join(map(str, octets)) for octets in rng.integers(1, 224, (4000, 4)).tolist()]
    client = (rng.random(count) ** 2 * len(clients)).astype(int)
    status = _statuses(rng, route)
    sizes = rng.lognormal(0, 0.25, count) * np.array([entry[3] for entry in ROUTES])[route]
    number, agent = rng.integers(1, 5000, count), rng.integers(0, len(AGENTS), count)
    columns = (times, route, client, status, sizes.astype(int), number, agent)
    return [
        (time, _line(clients[who], time, *_target(kind, pick), code, size, AGENTS[browser]))
        for time, kind, who, code, size, pick, browser in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _statuses(rng: np.random.Generator, route: NDArray[np.int64]) -> NDArray[np.int64]:
    status = np.full(len(route), 200)
    draw = rng.random(len(route))
    status[draw < 0.012] = 404
    status[draw < 0.003] = 500
    login = np.array([entry[1] == "/login" for entry in ROUTES])[route]
    status[login & (rng.random(len(route)) < 0.08)] = 401
    return status


def _target(kind: int, pick: int) -> tuple[str, str]:
    method, path, _, _ = ROUTES[kind]
    word = WORDS[pick % len(WORDS)]
    return method, path.replace("{word}", word).replace("{small}", str(pick % 4 + 1)).replace(
        "{hash}", f"{pick % 3 + 0x3F2A9C1D:08x}"
    ).replace("{}", str(pick))


def _guessing(rng: np.random.Generator, truth: Burst) -> list[tuple[int, str]]:
    times = np.sort(rng.integers(truth.start, truth.end, truth.requests)).tolist()
    return [
        (time, _line(GUESSERS[place % 3], time, "POST", "/login", 401, 410, AGENTS[3]))
        for place, time in enumerate(times)
    ]


def _line(client: str, time: int, method: str, target: str, status: int, size: int, agent: str) -> str:
    stamp = datetime.fromtimestamp(time, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{client} - - [{stamp}] "{method} {target} HTTP/1.1" {status} {size} "-" "{agent}"\n'
