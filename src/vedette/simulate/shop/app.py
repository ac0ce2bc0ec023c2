"""The shop: a Flask application with a real SQL injection in ``/checkout``. Never expose it.

It is a throw-away target on loopback: what an attack does to it is real, and so is its telemetry.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from flask import Flask, Response, jsonify, request

from vedette.simulate.model import PASSWORD, PRODUCTS, USERS

Sleep = Callable[[float], None]


@dataclass
class Faults:
    """What is switched on."""

    slow_checkout: float = 1.0
    """Factor on the time that ``/checkout`` takes."""
    error_share: float = 0.0
    """Share of requests answered 500."""
    _draws: int = field(default=0)

    def fails(self) -> bool:
        """Say whether this request fails: every n-th one."""
        self._draws += 1
        return self.error_share > 0 and self._draws % round(1 / self.error_share) == 0


class Shop:
    """Catalog and accounts in SQLite, in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows = sqlite3.connect(":memory:", check_same_thread=False)
        self._rows.executescript(
            "create table products(id integer primary key, name text, price real);"
            "create table users(name text primary key, password text, card text);"
        )
        names = ("lamp", "desk", "chair", "cable", "phone case", "tea set", "bag", "shoes")
        numbers = range(1, PRODUCTS + 1)
        products = [(number, f"{names[number % len(names)]} {number}", 5 + number % 90) for number in numbers]
        self._rows.executemany("insert into products values (?, ?, ?)", products)
        accounts = [(f"user{number}", PASSWORD, "4111111111111111") for number in range(USERS)]
        self._rows.executemany("insert into users values (?, ?, ?)", accounts)

    def query(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        with self._lock:
            return self._rows.execute(sql, arguments).fetchall()


def make_app(faults: Faults, sleep: Sleep = time.sleep) -> Flask:
    """Return the shop. `sleep` is called with the time that the request's model asks for (header ``X-Takes``)."""
    app = Flask("shop")
    app.logger.disabled = True  # an attack makes it fail often; the spans say so
    shop = Shop()

    @app.before_request
    def take_time() -> Response | None:
        seconds = float(request.headers.get("X-Takes", "0"))
        sleep(seconds * (faults.slow_checkout if request.path == "/checkout" else 1.0))
        return Response("internal error", 500) if faults.fails() else None

    @app.get("/")
    def home() -> str:
        names = shop.query("select name from products limit 40")
        return "<h1>Shop</h1>" + "".join(f"<p>{name}</p>" for (name,) in names)

    @app.get("/product/<int:number>")
    def product(number: int) -> Response:
        rows = shop.query("select name, price from products where id = ?", number)
        return jsonify(rows[0]) if rows else Response("no such product", 404)

    @app.get("/search")
    def search() -> Response:
        word = request.args.get("q", "")
        return jsonify(shop.query("select id, name from products where name like ? limit 20", f"%{word}%"))

    @app.post("/login")
    def login() -> Response:
        given = request.get_json(silent=True) or {}
        rows = shop.query("select password from users where name = ?", str(given.get("name")))
        good = bool(rows) and rows[0][0] == given.get("password")
        return jsonify({"welcome": True}) if good else Response("wrong name or password", 401)

    @app.post("/cart")
    def cart() -> Response:
        given = request.get_json(silent=True) or {}
        return jsonify({"items": int(given.get("count", 1))})

    @app.post("/checkout")
    def checkout() -> Response:
        given = request.get_json(silent=True) or {}
        # The injection: the item goes into the statement as it came.
        rows = shop.query(f"select name, price from products where id = {given.get('item', 0)}")
        return jsonify({"order": [[str(cell) for cell in row] for row in rows]})

    return app
