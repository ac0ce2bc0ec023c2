"""What every receiver is given to hand its telemetry to."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from vedette.records.batch import Decoded

Decode = Callable[[bytes, int], Decoded]
"""Bytes and the time of arrival (ns) in, columns out; raises `BadInput` for a payload that is none."""


DecodeAlerts = Callable[[bytes, int, str, Callable[[str], bool]], Decoded]
"""As `Decode`, also given the name of a service, and what says whether an alert, by its identity, is new."""


class Intake(Protocol):
    """The way in, behind which everything is masked and made durable.

    Duties: a receiver acknowledges only after the future is done without error. `accept` may raise
    `Backpressure`, as may the future; then the sender is asked to come back and nothing was taken.
    """

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        """Take in decoded telemetry; `digest` names the payload, so that a retry is taken in once."""
        ...


@dataclass(frozen=True, slots=True)
class Decoders:
    """Decoders by protocol and signal, handed in because stages know nothing of one another."""

    protobuf: dict[str, Decode]
    """OTLP protobuf by signal: ``logs``, ``traces``, ``metrics``."""
    json: dict[str, Decode]
    """OTLP/JSON by signal."""
    lines: Callable[[str], Decode]
    """JSON lines, given the service's name."""
    alerts: dict[str, DecodeAlerts] = field(default_factory=dict)
    """Alerts of other tools that come as one document, by the tool's name."""
