"""A shop of small services that call each other, as OTLP spans; and what may go wrong between them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedette.records.wire import number, piece, text

ENVIRONMENT: Final = "demo"
_INTERNAL, _SERVER, _CLIENT, _PRODUCER = 1, 2, 3, 4
_ERROR: Final = 2
_DAY: Final = 86_400.0

WAY: Final = 0.0015
"""Seconds there and back, with waiting at either side; median."""
SPREAD: Final = 0.25
"""Of the logarithm of every time."""
TIMEOUT: Final = 1.0
"""Seconds after which a caller gives up."""
REFUSED: Final = 0.0003
"""Seconds after which a call is refused."""
SENT: Final = frozenset({"send orders"})
"""Operations that put something into a queue."""
FAILING: Final = 0.002
"""Share of operations that fail on any day."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a service does: how long by itself (seconds), in steps inside it, and whom it calls how often."""

    service: str
    name: str
    takes: float
    calls: tuple[tuple[str, float], ...] = ()
    """Operation, and the mean number of calls: a whole one, or the chance of one."""
    steps: tuple[str, ...] = ()
    """Operations of the same service, which have spans but no caller."""


OPERATIONS: Final[dict[str, Operation]] = {
    one.name: one
    for one in (
        Operation("frontend", "GET /product/{id}", 0.004, (("GET /items/{id}", 1), ("GET /ads", 0.5))),
        Operation("frontend", "GET /cart", 0.003, (("GET /carts/{id}", 1),)),
        Operation("frontend", "POST /checkout", 0.005, (("POST /orders", 1),)),
        Operation("catalog", "GET /items/{id}", 0.003, (), ("SELECT items",)),
        Operation("catalog", "SELECT items", 0.004),
        Operation("ads", "GET /ads", 0.006),
        Operation("cart", "GET /carts/{id}", 0.003, (("GET /stock", 1),), ("SELECT carts",)),
        Operation("cart", "SELECT carts", 0.003),
        Operation("checkout", "POST /orders", 0.006, (("GET /stock", 1), ("POST /payments", 1))),
        Operation("stock", "GET /stock", 0.002, (), ("SELECT stock",)),
        Operation("stock", "SELECT stock", 0.005),
        Operation("payment", "POST /payments", 0.020),
        Operation("ledger", "POST /entries", 0.004),
    )
}
SYSTEMS: Final[dict[str, dict[str, str]]] = {
    "SELECT items": {"db.system.name": "postgresql", "db.namespace": "shop", "server.address": "shop-db.internal"},
    "SELECT stock": {"db.system": "postgresql", "db.name": "shop", "net.peer.name": "shop-db.internal"},
    "SELECT carts": {"db.system.name": "redis", "db.namespace": "0", "server.address": "carts.internal"},
    "POST /charges": {"server.address": "api.cards.example"},
    "send orders": {"messaging.system": "kafka"},
}
"""What spans say of systems without telemetry, in two generations of the conventions."""
_THIRD: Final = {
    "POST /payments": Operation("payment", "POST /charges", 0.030),
    "POST /orders": Operation("checkout", "send orders", 0.002),
}
"""What operations call besides where systems without telemetry are part of the shop."""
ENTRIES: Final = {"GET /product/{id}": 0.6, "GET /cart": 0.25, "POST /checkout": 0.15}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong from some time on; only what is given.

    ``slow`` multiplies the own time of an operation, ``refuses`` is one that fails at once, ``lag`` adds seconds to a
    way (caller, callee), ``dead`` is a service that answers nobody, ``failing`` an operation of which a half fails,
    ``adds`` is a call that an operation makes from now on, ``drops`` one that it no longer makes, ``repeats`` how often
    it makes its first call.
    """

    at: float
    slow: tuple[str, float] = ("", 1.0)
    refuses: str = ""
    lag: tuple[str, str, float] = ("", "", 0.0)
    dead: str = ""
    failing: str = ""
    adds: tuple[str, str] = ("", "")
    drops: tuple[str, str] = ("", "")
    repeats: tuple[str, int] = ("", 1)


HEALTHY: Final = Fault(float("inf"))


class Mesh:
    """Writes requests as spans, in order of time.

    Parameters
    ----------
    seed
        Of all chance.
    fault
        What goes wrong, and from when on.
    systems
        Whether queries are calls to systems that send no telemetry, as `SYSTEMS` names them, rather than steps.
    """

    def __init__(self, seed: int, fault: Fault = HEALTHY, *, systems: bool = False) -> None:
        self._rng = np.random.default_rng(seed)
        self._systems = SYSTEMS if systems else {}
        self._fault = fault
        self._now = HEALTHY
        self._trace = b""
        self._spans: dict[str, list[tuple[float, bytes]]] = {}

    def payloads(self, start: float, seconds: float, rate: float) -> Iterator[bytes]:
        """Yield an ExportTraceServiceRequest a minute, of `rate` requests a second by day, a third of it by night."""
        for minute in range(round(seconds / 60.0)):
            first = start + 60.0 * minute
            daily = 0.65 - 0.35 * np.cos(2.0 * np.pi * (first % _DAY) / _DAY)
            moments = np.sort(first + 60.0 * self._rng.random(self._rng.poisson(60.0 * rate * daily)))
            entries = self._rng.choice(list(ENTRIES), len(moments), p=list(ENTRIES.values()))
            for moment, entry in zip(moments.tolist(), entries.tolist(), strict=True):
                self._now = self._fault if moment >= self._fault.at else HEALTHY
                self._trace = self._rng.bytes(16)
                self._serve(OPERATIONS[entry], moment, b"")
            yield self._export(first + 60.0)

    def _export(self, until: float) -> bytes:
        """Return the spans that ended before `until`, by service."""
        request = []
        for service, spans in self._spans.items():
            ended = [span for end, span in spans if end < until]
            self._spans[service] = [(end, span) for end, span in spans if end >= until]
            names = {"service.name": service, "deployment.environment.name": ENVIRONMENT}
            resource = piece(1, b"".join(piece(1, _pair(key, value)) for key, value in names.items()))
            request.append(piece(1, resource + piece(2, b"".join(piece(2, span) for span in ended))))
        return b"".join(request)

    def _serve(self, operation: Operation, start: float, above: bytes, kind: int = _SERVER) -> tuple[float, bool]:
        """Write the span of an operation and all below it; returns when it ends, and whether it failed."""
        fault, own = self._now, self._rng.bytes(8)
        takes = self._about(operation.takes)
        takes *= fault.slow[1] if fault.slow[0] == operation.name else 1.0
        failed = bool(self._rng.random() < (0.5 if fault.failing == operation.name else FAILING))
        if fault.refuses == operation.name:
            takes, failed = REFUSED, True
        at = start + 0.5 * takes
        for step in self._steps(operation):
            inner = _INTERNAL if step.name not in self._systems else _PRODUCER if step.name in SENT else _CLIENT
            at, bad = self._serve(step, at, own, inner)
            failed |= bad
        for callee in self._callees(operation):
            at, bad = self._call(operation, OPERATIONS[callee], at, own)
            failed |= bad
        end = at + 0.5 * takes
        self._write(operation.service, operation.name, kind, start, end, own, above, failed)
        return end, failed

    def _steps(self, operation: Operation) -> Iterator[Operation]:
        yield from (OPERATIONS[step] for step in operation.steps)
        if self._systems and operation.name in _THIRD:
            yield _THIRD[operation.name]

    def _callees(self, operation: Operation) -> Iterator[str]:
        fault = self._now
        for place, (callee, often) in enumerate(operation.calls):
            if fault.drops == (operation.name, callee):
                continue
            if often >= 1.0 or self._rng.random() < often:
                repeats = fault.repeats[1] if place == 0 and fault.repeats[0] == operation.name else 1
                yield from [callee] * repeats
        if fault.adds[0] == operation.name:
            yield fault.adds[1]

    def _call(self, caller: Operation, callee: Operation, start: float, above: bytes) -> tuple[float, bool]:
        """Write the span around a call to another service."""
        fault, own = self._now, self._rng.bytes(8)
        way = self._about(WAY)
        way += fault.lag[2] if fault.lag[:2] == (caller.service, callee.service) else 0.0
        if fault.dead == callee.service:
            end, failed = start + TIMEOUT, True
        else:
            end, failed = self._serve(callee, start + 0.5 * way, own)
            end += 0.5 * way
        self._write(caller.service, callee.name, _CLIENT, start, end, own, above, failed, callee.service)
        return end, failed

    def _about(self, seconds: float) -> float:
        return float(seconds * np.exp(SPREAD * self._rng.standard_normal()))

    def _write(
        self,
        service: str,
        name: str,
        kind: int,
        start: float,
        end: float,
        own: bytes,
        above: bytes,
        failed: bool,
        callee: str = "",
    ) -> None:
        parts = [
            piece(1, self._trace),
            piece(2, own),
            text(5, name),
            number(6, kind),
            b"\x39" + struct.pack("<Q", round(start * 1e9)),
            b"\x41" + struct.pack("<Q", round(end * 1e9)),
        ]
        if above:
            parts.append(piece(4, above))
        method, _, route = name.partition(" ")
        if kind == _SERVER:
            parts += [piece(9, _pair(*pair)) for pair in (("http.request.method", method), ("http.route", route))]
            parts.append(piece(9, text(1, "http.response.status_code") + piece(2, number(3, 500 if failed else 200))))
        said = self._systems.get(name, {"server.address": callee} if callee and self._systems else {})
        parts += [piece(9, _pair(*pair)) for pair in said.items()]
        if failed:
            parts.append(piece(15, number(3, _ERROR)))
        self._spans.setdefault(service, []).append((end, b"".join(parts)))


def services(names: Sequence[str] = tuple(OPERATIONS)) -> list[str]:
    """Return the services of some operations, sorted."""
    return sorted({OPERATIONS[name].service for name in names})


def _pair(key: str, value: str) -> bytes:
    return text(1, key) + piece(2, text(1, value))
