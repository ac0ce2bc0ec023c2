"""What the API says of planned events and silences; `vedette.api.models` has the rest."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vedette.api.models import Moment

EventKind = Literal["sale", "campaign", "holiday", "job", "maintenance", "deploy", "flag", "scaling"]


class Event(BaseModel):
    """Something planned; ``lift`` is how many times the usual volume is expected, null to go by what was learned."""

    id: str
    kind: EventKind
    title: str
    start: str
    end: str
    segments: list[str]
    lift: float | None
    state: Literal["ahead", "on", "over"]


class PlannedEvents(BaseModel):
    """All planned events, by their start."""

    items: list[Event]


class Job(BaseModel):
    """A job that was found by the clock: whose numbers, when it was there last, after how many days it comes again."""

    id: str
    service: str
    numbers: list[str]
    start: str
    end: str
    every_days: int
    times: int


class Jobs(BaseModel):
    """Jobs that were found and that nobody announced, by their start."""

    items: list[Job]


class Adopted(BaseModel):
    """What a job is, and for how many days it is planned."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    days: int = Field(default=90, ge=1, le=366)


class NewEvent(BaseModel):
    """An event to announce. A deploy, flag or scaling happens at its start; the others need an end.

    ``segments`` are services or segments as text, none for all; without an id it gets one of kind, title and start.
    """

    model_config = ConfigDict(extra="forbid")

    id: str = Field(default="", max_length=200, pattern=r"^[A-Za-z0-9_.:-]*$")
    kind: EventKind
    title: str = Field(min_length=1, max_length=200)
    start: Moment
    end: Moment | None = None
    segments: list[str] = Field(default_factory=list, max_length=200)
    lift: float | None = Field(default=None, gt=0.0, le=1000.0)

    @model_validator(mode="after")
    def _lasts(self) -> NewEvent:
        if self.kind in ("deploy", "flag", "scaling"):
            return self
        if self.end is None:
            raise ValueError(f"a {self.kind} needs an end, so that it does not excuse things for ever")
        if self.end <= self.start:
            raise ValueError("expected an end after the start")
        return self


class NewEvents(BaseModel):
    """Events to announce together."""

    items: list[NewEvent] = Field(min_length=1, max_length=2000)


class Planned(BaseModel):
    """Events that were announced, and the incidents of the past that they explain, by id."""

    items: list[Event]
    explains: list[str]


class Matcher(BaseModel):
    """A condition on one label of an incident: alertname, incident, segment, service, kind or severity."""

    name: str = Field(min_length=1, max_length=200)
    value: str = Field(max_length=2000)
    isRegex: bool = False  # noqa: N815 - Alertmanager's spelling
    isEqual: bool = True  # noqa: N815


class NewSilence(BaseModel):
    """A silence as Alertmanager's API v2 takes it; with an id it replaces that one."""

    id: str = Field(default="", max_length=200)
    matchers: list[Matcher] = Field(min_length=1, max_length=50)
    startsAt: Moment  # noqa: N815
    endsAt: Moment  # noqa: N815
    createdBy: str = Field(default="", max_length=200)  # noqa: N815
    comment: str = Field(default="", max_length=2000)


class SilenceState(BaseModel):
    """Whether a silence is ahead, active or over."""

    state: Literal["pending", "active", "expired"]


class Silence(BaseModel):
    """A silence as Alertmanager's API v2 shows it."""

    id: str
    status: SilenceState
    matchers: list[Matcher]
    startsAt: str  # noqa: N815
    endsAt: str  # noqa: N815
    createdBy: str  # noqa: N815
    comment: str


class DatedSilence(Silence):
    """A silence with the time that Alertmanager's clients require."""

    updatedAt: str  # noqa: N815


class Silences(BaseModel):
    """All silences, by their end."""

    items: list[Silence]


class SilenceAdded(BaseModel):
    """The id of a silence that was added."""

    silenceID: str  # noqa: N815
