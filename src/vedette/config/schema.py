"""Every option there is, with its default; `docs/configuration.md` documents each, and a test holds it to that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vedette.notify.channel import Channel
from vedette.notify.route import Route, Team
from vedette.records.objective import Objective
from vedette.records.override import Override


@dataclass(frozen=True, slots=True)
class Data:
    """Where things are kept."""

    folder: Path = Path("vedette-data")


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server listens, and what it takes; sizes in bytes."""

    listen: str = "127.0.0.1:4318"
    max_request: int = 64 << 20
    webhook_secret: str = ""


@dataclass(frozen=True, slots=True)
class Receive:
    """What is fetched rather than sent."""

    files: tuple[str, ...] = ()
    processes: bool = False


@dataclass(frozen=True, slots=True)
class Features:
    """Windows in event time; lengths in seconds."""

    window: float = 60.0
    lateness: float = 10.0
    max_segments: int = 2000
    max_entities: int = 10_000
    session_idle: float = 120.0


@dataclass(frozen=True, slots=True)
class Learning:
    """How much history is needed before anything is judged; seconds."""

    ready_after: float = 7200.0


@dataclass(frozen=True, slots=True)
class Decision:
    """How much noise is bearable, and when an incident is over; seconds."""

    budget_per_day: float = 1.0
    resolve_after: float = 300.0
    change_window: float = 3600.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Which Sigma rules are in force: files, folders and archives besides Vedette's own."""

    own: bool = True
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Privacy:
    """Columns that are treated otherwise than by default."""

    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notify:
    """Where incidents are sent."""

    webhooks: tuple[str, ...] = ()
    alertmanagers: tuple[str, ...] = ()
    webhook_secret: str = ""
    link: str = ""
    channels: Mapping[str, Channel] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """How long events and chart points are kept; seconds."""

    retention: float = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Engine:
    """How often what was learned is saved; seconds."""

    snapshot_every: float = 30.0


@dataclass(frozen=True, slots=True)
class Canary:
    """How often what must be found is sent, to see that it is; seconds, 0 for never."""

    every: float = 0.0


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """Whether a cluster's workloads are watched for deploys and scalings."""

    watch: bool = False
    kubeconfig: str = ""
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration."""

    data: Data = field(default_factory=Data)
    server: Server = field(default_factory=Server)
    receive: Receive = field(default_factory=Receive)
    features: Features = field(default_factory=Features)
    learning: Learning = field(default_factory=Learning)
    decision: Decision = field(default_factory=Decision)
    rules: Rules = field(default_factory=Rules)
    privacy: Privacy = field(default_factory=Privacy)
    notify: Notify = field(default_factory=Notify)
    store: Store = field(default_factory=Store)
    engine: Engine = field(default_factory=Engine)
    canary: Canary = field(default_factory=Canary)
    kubernetes: Kubernetes = field(default_factory=Kubernetes)
    segment: tuple[Override, ...] = ()
    """Which services go by another name, are not watched, or have few routes of their own."""
    slo: tuple[Objective, ...] = ()
    """What share of whose requests shall be good."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each value that is not the default comes from."""
