"""The features that segments have: their kind of quantity, which side matters, and how people say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vedette.records.finding import Kind
from vedette.records.observation import Direction, Quantity, Series
from vedette.records.segment import Segment


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that is measured or listed per segment.

    Parameters
    ----------
    name
        As in series and API; the unit is part of it.
    label
        As people say it, in the middle of a sentence.
    unit
        UCUM: ``s``, ``By``, ``1`` (a share) or ``{request}`` …
    kind
        The sort of trouble that a deviation suggests by itself.
    quantity, direction, min_effect
        See `Series`; ``min_effect`` is relative to what was expected.
    technique
        ATT&CK technique that a rise suggests, or ``""``.
    """

    name: str
    label: str
    unit: str
    kind: Kind
    quantity: Quantity
    direction: Direction
    min_effect: float
    technique: str = ""

    def series(self, segment: Segment, name: str = "") -> Series:
        """Return this feature of a segment; `name` for one of a family, such as a template's rate."""
        return Series(segment, name or self.name, self.quantity, self.direction, self.min_effect)

    def suggested(self, actual: float, expected: float) -> tuple[str, ...]:
        """Return the technique that a rise suggests; a fall suggests none."""
        return (self.technique,) if self.technique and actual > expected else ()


_UP, _BOTH = Direction.UP, Direction.BOTH
_PERF, _SEC, _OPS = Kind.PERFORMANCE, Kind.SECURITY, Kind.OPERATIONS


def _deeds(entity: str) -> tuple[Feature, ...]:
    """Return what the busiest of the clients or users did; one entity may well do three times the usual."""
    least = (Quantity.COUNT, _UP, 2.0)
    return (
        Feature(f"{entity}_requests_max", f"requests of the busiest {entity}", "{request}", _SEC, *least),
        Feature(f"{entity}_denials_max", f"denied requests of one {entity}", "{request}", _SEC, *least, "T1110"),
        Feature(f"{entity}_misses_max", f"failed look-ups of one {entity}", "{request}", _SEC, *least, "T1595.003"),
    )


# min_effect: half as much again is what on-call people call "up"; sizes and client numbers double
# on ordinary days (rivals: one-sided alerts and absolute floors are what users ask for first). A template's lines
# matter below when there are none at all: a least effect of 1.
CATALOG: Final[dict[str, Feature]] = {
    feature.name: feature
    for feature in (
        Feature("requests", "requests", "{request}", _OPS, Quantity.COUNT, _BOTH, 0.6),
        Feature("error_ratio", "share of server errors", "1", _PERF, Quantity.RATIO, _UP, 0.5),
        Feature("denied_ratio", "share of denied requests", "1", _SEC, Quantity.RATIO, _UP, 0.5, "T1110"),
        Feature(
            "missing_ratio", "share of requests for what is not there", "1", _SEC, Quantity.RATIO, _UP, 0.5, "T1595.003"
        ),
        Feature("latency_p50_seconds", "median latency", "s", _PERF, Quantity.DURATION, _UP, 0.4),
        Feature("latency_p95_seconds", "p95 latency", "s", _PERF, Quantity.DURATION, _UP, 0.5),
        Feature("response_bytes_mean", "mean response size", "By", _SEC, Quantity.SIZE, _UP, 1.0),
        Feature("request_bytes_mean", "mean request size", "By", _SEC, Quantity.SIZE, _UP, 1.0, "T1048"),
        Feature("clients", "different clients", "{client}", _OPS, Quantity.DISTINCT, _UP, 1.0),
        *_deeds("client"),
        Feature("users", "different users", "{user}", _OPS, Quantity.DISTINCT, _UP, 1.0),
        *_deeds("user"),
        Feature("logs", "log lines", "{line}", _OPS, Quantity.COUNT, _BOTH, 0.6),
        Feature("log_error_ratio", "share of error lines", "1", _OPS, Quantity.RATIO, _UP, 0.5),
        Feature("template_lines", "lines of one template", "{line}", _OPS, Quantity.COUNT, _BOTH, 1.0),
        Feature("own_time_p50_seconds", "median own time", "s", _PERF, Quantity.DURATION, _UP, 0.5),
        Feature("own_time_p95_seconds", "p95 own time", "s", _PERF, Quantity.DURATION, _UP, 1.0),
        Feature("own_error_ratio", "share of own errors", "1", _PERF, Quantity.RATIO, _UP, 0.5),
        Feature("calls_mean", "calls for each request", "{call}", _PERF, Quantity.GAUGE, _BOTH, 0.5),
        Feature("calls", "calls", "{call}", _OPS, Quantity.COUNT, _BOTH, 0.6),
        Feature("unanswered_ratio", "share of calls without an answer", "1", _PERF, Quantity.RATIO, _UP, 0.5),
        Feature("way_p50_seconds", "median time on the way", "s", _PERF, Quantity.DURATION, _UP, 0.5),
        Feature("callee", "services that are called", "", _OPS, Quantity.COUNT, _UP, 0.0),
        Feature("metric", "metric", "", _OPS, Quantity.GAUGE, _BOTH, 0.25),
        Feature("metric_rate", "metric rate", "/s", _OPS, Quantity.GAUGE, _BOTH, 0.5),
        Feature("together", "numbers that go together", "", _OPS, Quantity.GAUGE, _BOTH, 0.0),
        Feature("request_shape", "structure of requests", "", _SEC, Quantity.COUNT, _UP, 0.0, "T1190"),
        Feature("template", "kinds of log lines", "", _OPS, Quantity.COUNT, _UP, 0.0),
        Feature("log_value", "values in log lines", "{line}", _OPS, Quantity.COUNT, _UP, 0.0),
        Feature("session", "sessions of log lines", "{session}", _OPS, Quantity.COUNT, _UP, 0.0),
        Feature("rule", "rules", "", _SEC, Quantity.COUNT, _UP, 0.0),
        Feature("reading", "requests that read like code", "", _SEC, Quantity.COUNT, _UP, 0.0),
        Feature("indicator", "threat-intelligence indicators", "", _SEC, Quantity.COUNT, _UP, 0.0),
        Feature("alert", "alerts of other tools", "", _SEC, Quantity.COUNT, _UP, 0.0),
        Feature("endpoint", "endpoints", "", _OPS, Quantity.COUNT, _UP, 0.0),
        Feature("user", "users", "", _SEC, Quantity.COUNT, _UP, 0.0, "T1078"),
        Feature("client", "addresses", "", _SEC, Quantity.COUNT, _UP, 0.0, "T1078"),
        Feature("user_day", "a user's day", "", _SEC, Quantity.COUNT, _UP, 0.0),
        Feature("user_client", "users with their addresses", "", _SEC, Quantity.COUNT, _UP, 0.0, "T1078"),
        Feature("slo", "error budget", "1", _PERF, Quantity.RATIO, _UP, 0.0),
        Feature("failed_calls_ratio", "share of failed calls", "1", _PERF, Quantity.RATIO, _UP, 0.5),
        Feature("call_p50_seconds", "median time of calls", "s", _PERF, Quantity.DURATION, _UP, 0.5),
        Feature("call_p95_seconds", "p95 time of calls", "s", _PERF, Quantity.DURATION, _UP, 1.0),
    )
}


def feature_of(name: str) -> Feature:
    """Return the catalog's entry; ``template_lines: text`` belongs to ``template_lines``."""
    return CATALOG[name.partition(":")[0]]


def label_of(name: str) -> str:
    """Return what people call a feature: what stands after the colon where it is one of a family.

    >>> label_of("requests"), label_of("template_lines: user * is gone")
    ('requests', 'user * is gone')
    """
    return name.partition(": ")[2] or feature_of(name).label
