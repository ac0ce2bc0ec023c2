"""A simulated shop whose services call each other: web → cart → stock, web → users; with faults."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

BEGIN = 1_700_000_040.0
"""Start of a minute."""

WAY = 0.001
WORK = {"web": 0.004, "cart": 0.006, "stock": 0.010, "users": 0.003}
CALLS = {"web": ("cart", "users"), "cart": ("stock",), "stock": (), "users": ()}


class Shop:
    """Writes spans; each fault lasts from `begins` on.

    Parameters
    ----------
    begins
        Minute from which on faults hold.
    slow
        Factors on services' own work.
    delay
        Seconds added to the way to a service.
    dead
        Services that do not answer.
    failing
        Services whose spans fail, and with them their callers'.
    silent
        Services that stop calling others.
    chatty
        How often services repeat each call.
    """

    def __init__(self, begins: int = 10**6, seed: int = 1, **faults: Any) -> None:
        self.begins, self.faults = begins, faults
        self.random = np.random.default_rng(seed)
        self.rows: list[dict[str, Any]] = []
        self.trace = 0

    def run(self, minutes: int, requests: int = 20) -> pa.Table:
        """Return the spans of so many minutes."""
        for minute in range(minutes):
            on = self.faults if minute >= self.begins else {}
            for request in range(requests):
                self.trace += 1
                self._serve("web", BEGIN + 60.0 * minute + 50.0 * request / requests, None, on)
        return pa.Table.from_pylist(self.rows, SCHEMA)

    def _serve(self, service: str, start: float, parent: str | None, on: dict[str, Any]) -> tuple[float, bool]:
        place = self._open(service, "serve", start, parent)
        now = start + WORK[service] * on.get("slow", {}).get(service, 1.0) * self.random.lognormal(0.0, 0.2)
        failed = service in on.get("failing", ())
        callees = CALLS[service] * on.get("chatty", {}).get(service, 1)
        for callee in () if service in on.get("silent", ()) else callees:
            now, wrong = self._call(service, callee, now, str(place), on)
            failed |= wrong
        return self._close(place, now, failed), failed

    def _call(self, service: str, callee: str, start: float, parent: str, on: dict[str, Any]) -> tuple[float, bool]:
        place = self._open(service, f"call {callee}", start, parent)
        way = WAY * self.random.lognormal(0.0, 0.2) + on.get("delay", {}).get(callee, 0.0)
        if callee in on.get("dead", ()):
            return self._close(place, start + way, True), True
        end, failed = self._serve(callee, start + way, str(place), on)
        return self._close(place, end + way, failed), failed

    def _open(self, service: str, name: str, start: float, parent: str | None) -> int:
        ids = {"trace_id": f"t{self.trace}", "span_id": str(len(self.rows)), "parent_span_id": parent}
        self.rows.append({**ids, "service": service, "name": name, "t": start})
        return len(self.rows) - 1

    def _close(self, place: int, end: float, failed: bool) -> float:
        row = self.rows[place]
        row["duration_ms"], row["status"] = (end - row["t"]) * 1e3, "error" if failed else "ok"
        return end


SCHEMA = pa.schema(
    {name: pa.string() for name in ("trace_id", "span_id", "parent_span_id", "service", "name", "status")}
    | {"t": pa.float64(), "duration_ms": pa.float64()}
)
