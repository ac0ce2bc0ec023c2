"""What the API says of techniques: proofs, and the ATT&CK matrix with what stands for each."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from vedette.api.models import Moment


class Proof(BaseModel):
    """What became of one technique when it was played."""

    key: str = Field(max_length=50)
    technique: str = Field(pattern=r"^T\d{4}(\.\d{3})?$")
    title: str = Field(max_length=200)
    service: str = Field(max_length=200)
    outcome: Literal["rule", "model", "both", "missed"]
    seconds: float | None = Field(ge=0)
    incidents: int = Field(ge=0)
    named: bool
    said: str = Field(max_length=1000)


class Account(BaseModel):
    """An account of ``vedette prove``; what else is in it is not kept."""

    vedette: str = Field(max_length=50)
    date: Moment
    techniques: list[Proof] = Field(max_length=500)


class Kept(BaseModel):
    """How many techniques' proofs were kept."""

    kept: int


class KeptProof(Proof):
    """A proof, and why it does not count any more; ``stale`` is empty while it does."""

    date: str
    vedette: str
    stale: str


class CanaryResult(BaseModel):
    """What became of the last canary."""

    at: int
    tested: list[str]
    missed: list[str]
    seconds: int


class Coverage(BaseModel):
    """The last proof of each technique; ``coverage`` is the share of those that were found and are not stale."""

    techniques: list[KeptProof]
    played: int
    proved: int
    missed: int
    stale: int
    coverage: float
    canary: CanaryResult | None


class TacticColumn(BaseModel):
    """A column of the matrix; techniques name its ``key``."""

    key: str
    id: str
    name: str


class RuleClaim(BaseModel):
    """A rule that names a technique; ``arriving`` says that events of all its log sources came since the start."""

    title: str
    level: str
    author: str
    logsources: list[str]
    arriving: bool


class DetectorClaim(BaseModel):
    """A feature whose deviation suggests a technique; ``watched`` says that it is learned somewhere here."""

    feature: str
    label: str
    watched: bool


class TechniqueCell(BaseModel):
    """A technique and what stands for it.

    ``data`` says that there is data for any of its rules or detectors. ``incidents`` are those of the past 90 days that
    showed it. At most 20 rules are listed; ``rule_count`` counts all.
    """

    id: str
    name: str
    title: str
    parent: str
    tactics: list[str]
    url: str
    state: Literal["proved", "missed", "stale", "unproved", "none"]
    data: bool
    rules: list[RuleClaim]
    rule_count: int
    rules_waiting: int
    waits_for: list[str]
    detectors: list[DetectorClaim]
    incidents: int
    proofs: list[KeptProof]


class LogsourceItem(BaseModel):
    """A log source that rules are for, and its events since the start."""

    logsource: str
    rules: int
    events: int


class Matrix(BaseModel):
    """The ATT&CK matrix of this installation."""

    version: str
    notice: str
    tactics: list[TacticColumn]
    techniques: list[TechniqueCell]
    logsources: list[LogsourceItem]
    canary: CanaryResult | None
    canary_every_seconds: float
