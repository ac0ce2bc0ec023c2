"""Our own metrics, each declared once, here; `docs/metrics.md` lists them, and a test holds it to that."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, isnan
from threading import Lock
from typing import Final


class Metric:
    """A counter or gauge with labels. Thread-safe.

    Parameters
    ----------
    name
        As Prometheus shows it; the unit is part of it.
    kind
        ``counter`` or ``gauge``.
    meaning
        One sentence.
    labels
        Names of its labels.
    """

    def __init__(self, name: str, kind: str, meaning: str, labels: tuple[str, ...] = ()) -> None:
        self.name, self.kind, self.meaning, self.labels = name, kind, meaning, labels
        self._lock = Lock()
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}
        ALL.append(self)

    def add(self, amount: float = 1.0, *labels: str) -> None:
        """Add to the value under these labels."""
        self._check(labels)
        with self._lock:
            self._values[labels] = self._values.get(labels, 0.0) + amount

    def set(self, value: float, *labels: str) -> None:
        """Set the value under these labels."""
        self._check(labels)
        with self._lock:
            self._values[labels] = value

    def value(self, *labels: str) -> float:
        """Return the value under these labels, 0 where there is none."""
        with self._lock:
            return self._values.get(labels, 0.0)

    def total(self) -> float:
        """Return the sum over all labels."""
        with self._lock:
            return sum(self._values.values())

    def items(self) -> dict[tuple[str, ...], float]:
        """Return all values by their labels."""
        with self._lock:
            return dict(self._values)

    def lines(self) -> Iterator[str]:
        """Yield the lines of Prometheus' text format."""
        yield f"# HELP {self.name} {self.meaning}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in sorted(self.items().items()):
            pairs = ",".join(f'{name}="{_escaped(text)}"' for name, text in zip(self.labels, labels, strict=True))
            yield f"{self.name}{{{pairs}}} {_number(value)}" if pairs else f"{self.name} {_number(value)}"

    def _check(self, labels: tuple[str, ...]) -> None:
        if len(labels) != len(self.labels):
            raise TypeError(f"{self.name}: got labels {labels}, expected {self.labels}")


ALL: Final[list[Metric]] = []

RECORDS = Metric("vedette_records_accepted_total", "counter", "Records journaled.", ("signal", "source"))
REJECTED = Metric("vedette_records_rejected_total", "counter", "Records that could not be read.", ("source", "reason"))
FILE_FAILED = Metric(
    "vedette_file_failures_total",
    "counter",
    "Times that a followed file could not be read, and was tried again.",
    ("path",),
)
PROCESSES_LOST = Metric(
    "vedette_processes_lost_total",
    "counter",
    "Programs that ended before they could be looked at (gone), and notices not read in time (overflow).",
    ("reason",),
)
PROCESS_SENSOR = Metric("vedette_process_sensor", "gauge", "1 for the way in which programs are seen.", ("way",))
PROCESS_SENSOR_FAILED = Metric(
    "vedette_process_sensor_failures_total",
    "counter",
    "Times that the sensor of processes ended, and was started again.",
)
LETTERS_LOST = Metric("vedette_dead_letters_lost_total", "counter", "Dead letters that could not be written.")
REQUESTS = Metric("vedette_requests_refused_total", "counter", "Requests refused as a whole.", ("path", "status"))
RECEIVED = Metric("vedette_received_bytes_total", "counter", "Bytes received, after decompression.", ("path",))
RULE_EVENTS = Metric(
    "vedette_rule_events_total",
    "counter",
    "Events that the rules of a log source were matched against.",
    ("logsource",),
)
SKEWED = Metric("vedette_records_skewed_total", "counter", "Records from the future, set to the time of arrival.")
BACKLOG = Metric("vedette_journal_backlog_chunks", "gauge", "Journal chunks that wait to be judged.")
CHUNKS = Metric("vedette_chunks_processed_total", "counter", "Journal chunks run through the shard.")
EVENTS = Metric("vedette_events_processed_total", "counter", "Records run through the shard.")
LATE = Metric("vedette_events_late_total", "counter", "Records that came after their window was closed.")
WINDOWS = Metric("vedette_windows_closed_total", "counter", "Windows closed and judged.")
SEGMENTS = Metric("vedette_segments", "gauge", "Segments watched.")
SERIES = Metric("vedette_series", "gauge", "Numeric series watched.")
BLIND = Metric(
    "vedette_series_refused_total", "counter", "Series and segments not watched because the limit is reached."
)
USERS_BLIND = Metric(
    "vedette_user_events_refused_total", "counter", "Events of users not watched because a limit of the day is reached."
)
ALERTS_REFUSED = Metric(
    "vedette_alerts_refused_total", "counter", "Other tools' alerts not judged because their window has too many kinds."
)
ALERTS_FORGOTTEN = Metric(
    "vedette_alerts_forgotten_total", "counter", "Names of alerts on hosts forgotten, that were seen longest ago."
)
SPANS_UNJOINED = Metric("vedette_spans_unjoined_total", "counter", "Spans whose parent did not come in time.")
SPANS_THINNED = Metric(
    "vedette_spans_thinned_total", "counter", "Spans let go, by whole traces, because a window had too many."
)
COURSES_BLIND = Metric(
    "vedette_courses_refused_total",
    "counter",
    "Numbers whose course over hours is not followed because the limit is reached.",
)
SPANS_BLIND = Metric(
    "vedette_spans_refused_total", "counter", "Spans of operations not watched because the limit is reached."
)
VALUES_BLIND = Metric(
    "vedette_log_values_refused_total",
    "counter",
    "Places of log lines whose values are not watched because the limit is reached.",
)
SESSIONS_BLIND = Metric(
    "vedette_session_lines_refused_total", "counter", "Log lines of sessions not judged because a limit is reached."
)
SESSIONS_UNLEARNED = Metric(
    "vedette_sessions_unlearned_total", "counter", "Sessions judged but not learned because a limit is reached."
)
SUPPRESSED = Metric("vedette_findings_suppressed_total", "counter", "Findings that a verdict's suppression held back.")
FINDINGS = Metric("vedette_findings_total", "counter", "Deviations that passed the budget.", ("detector",))
INCIDENTS = Metric("vedette_incidents_total", "counter", "Incidents opened.", ("severity",))
NOTIFIED = Metric("vedette_notifications_sent_total", "counter", "Notifications delivered.", ("notifier",))
NOTIFY_FAILED = Metric("vedette_notifications_failed_total", "counter", "Deliveries that failed.", ("notifier",))
NOTIFY_EXPIRED = Metric(
    "vedette_notifications_expired_total", "counter", "Notifications that waited for 30 days and were given up."
)
NOTIFY_WAITING = Metric("vedette_notifications_waiting", "gauge", "Notifications not delivered yet.", ("notifier",))
NOTIFY_LAG = Metric(
    "vedette_notification_lag_seconds", "gauge", "Time that the oldest notification has waited.", ("notifier",)
)
CANARY_MISSED = Metric(
    "vedette_canary_missed_total", "counter", "Canaries that a detector did not notice in time.", ("detector",)
)
ABSTAINING = Metric(
    "vedette_detectors_abstaining", "gauge", "Features of services whose calibration fails its test.", ("detector",)
)
CHANGES = Metric(
    "vedette_changes_received_total",
    "counter",
    "Changes that webhooks announced, by what became of them.",
    ("tool", "outcome"),
)
KUBERNETES_FAILED = Metric(
    "vedette_kubernetes_watch_failures_total", "counter", "Watches of a cluster that broke off.", ("resource", "reason")
)
KUBERNETES_BLIND = Metric(
    "vedette_kubernetes_workloads_refused", "gauge", "Workloads beyond those that are watched.", ("watch",)
)
MISBEHAVING = Metric(
    "vedette_detectors_misbehaving", "gauge", "Features of detectors whose findings are folded into one incident."
)
DRIFTED = Metric("vedette_services_drifted", "gauge", "Services that changed for everybody within a day.", ("state",))
RULES = Metric("vedette_rules", "gauge", "Rules and correlations in force.")
INDICATORS = Metric("vedette_indicators", "gauge", "Indicators in the lists in force, expired ones too.")
RULES_LEFT_OUT = Metric("vedette_rules_left_out", "gauge", "Rules that can't be used.")
RULES_RELOADED = Metric("vedette_rules_reloads_total", "counter", "Times that rules were read again.", ("outcome",))
REALIZED = Metric(
    "vedette_incidents_realized_per_day",
    "gauge",
    "Incidents opened a day, over the last four weeks, without those that a planned event explains afterwards.",
)
BUDGET_LEFT = Metric(
    "vedette_slo_budget_left_ratio",
    "gauge",
    "Share of an objective's error budget that is left; below 0 it is overdrawn.",
    ("slo", "environment"),
)
LAG = Metric("vedette_detection_lag_seconds", "gauge", "Time from a record's arrival to its chunk being judged.")
STORE_FAILED = Metric(
    "vedette_store_failures_total",
    "counter",
    "Times that events, incidents or state could not be stored, and were kept.",
)
SNAPSHOT_SECONDS = Metric("vedette_snapshot_seconds", "gauge", "Time that the last snapshot took.")
QUARANTINED = Metric("vedette_snapshots_quarantined_total", "counter", "Snapshots set aside because they were damaged.")


def exposition() -> str:
    """Return all metrics in Prometheus' text format 0.0.4."""
    return "\n".join(line for metric in ALL for line in metric.lines()) + "\n"


def _number(value: float) -> str:
    """Return a number with all its digits; a counter of bytes soon needs more than ten."""
    if isfinite(value):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return "NaN" if isnan(value) else "+Inf" if value > 0 else "-Inf"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
