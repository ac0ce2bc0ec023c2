"""What feature-flag and delivery tools send when something changes, as planned events: flags, deploys, scalings.

Each reader takes one JSON document and returns the events it announces; none for what changes nothing that is served (a
deployment that is pending, a flag that got a tag). What is no document of the tool is refused in words.

References
----------
Unleash, ``src/lib/addons/webhook.ts``. LaunchDarkly, Webhooks: the payload is an audit log entry. Flagsmith,
Environment Webhooks. GitHub, Webhook events and payloads: ``deployment_status``, ``release``. GitLab, Webhook events:
deployment, pipeline, feature flag and release events. Argo CD, ``Application``. CloudEvents 1.0, JSON event format;
CDEvents 0.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import orjson

from vedette.decode.objects import Json, object_at, text_at
from vedette.errors import BadInput
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.time import SECOND, from_rfc3339

LONGEST: Final = 200
"""Characters of a title; what is longer is cut."""

AHEAD: Final = 86_400 * SECOND
"""Time ahead of ours, ns, beyond which a change's time is refused: a clock that is off by more than a time zone."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, as a tool says it; nothing for what it does not say."""

    kind: EventKind
    title: str
    when: object = ""
    service: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a webhook asks for beside the tool."""

    services: tuple[str, ...] = ()
    """What it concerns, instead of what the tool names; nothing of both for all services."""
    environments: tuple[str, ...] = ()
    """Of which environments it is told; empty for all. What names no environment passes."""
    kind: EventKind = EventKind.DEPLOY
    """Of events whose own kind says nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A document, the headers that say what it is, by name in small letters, and the kind of what says none."""

    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: EventKind = EventKind.DEPLOY


def changes_of(tool: str, data: bytes, headers: Mapping[str, str], arrived: int, asked: Asked) -> list[PlannedEvent]:
    """Return the events that a tool's document announces.

    Parameters
    ----------
    tool
        One of `TOOLS`.
    arrived
        When it came, ns: the time of what says none.

    Raises
    ------
    BadInput
        For what is no document of the tool, or has a time that can't be read or lies far ahead.
    """
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput("invalid_json", detail=str(error)) from None
    if not isinstance(body, dict):
        raise BadInput("not_a_change", detail=f"expected a JSON object, as {tool} sends it")
    found = TOOLS[tool](Sent(body, headers, asked.kind))
    wanted = [one for one in found if not (asked.environments and one.environment) or _in(one, asked)]
    return [_event(tool, one, arrived, asked) for one in wanted]


def _in(change: Change, asked: Asked) -> bool:
    return change.environment.lower() in {name.lower() for name in asked.environments}


def _event(tool: str, change: Change, arrived: int, asked: Asked) -> PlannedEvent:
    start = _time(change.when, arrived)
    services = asked.services or ((change.service,) if change.service else ())
    title = " ".join(change.title.split())[:LONGEST]
    named = f"{change.kind.value}\0{title}\0{start}\0{services}\0{change.environment}"
    identity = f"{tool}:{blake2b(named.encode(), digest_size=8).hexdigest()}"
    return PlannedEvent(identity, change.kind, title, start, start, services)


def _time(when: object, arrived: int) -> int:
    """Return a time in ns; epoch milliseconds are numbers, all else is text. Raises `BadInput`."""
    if when in ("", None):
        return arrived
    try:
        if isinstance(when, int | float):
            moment = int(when) * (SECOND // 1000)
        else:
            text = str(when).removesuffix(" UTC")
            moment = from_rfc3339(text if text.count(" ") < 2 else "".join(text.rsplit(" ", 1)))
    except (ValueError, OverflowError):
        raise BadInput("bad_time", detail=f"got {str(when)[:60]!r}, expected RFC 3339 or epoch milliseconds") from None
    if not 0 < moment <= arrived + AHEAD:
        raise BadInput("bad_time", detail=f"got {str(when)[:60]!r}, expected a time since 1970 and until tomorrow")
    return moment


def _unleash(sent: Sent) -> list[Change]:
    kind, name, where = (text_at(sent.body, key) for key in ("type", "featureName", "environment"))
    if not kind:
        raise BadInput("not_a_change", detail='expected an event with "type", as Unleash sends it without a template')
    if kind.startswith("segment-"):
        name = text_at(sent.body, "data", "name")
    verb = UNLEASH.get(kind)
    if verb is None or not name:
        return []
    return [Change(EventKind.FLAG, _said(name, verb, where), sent.body.get("createdAt"), "", where)]


UNLEASH: Final = {
    "feature-environment-enabled": "turned on",
    "feature-environment-disabled": "turned off",
    "feature-strategy-add": "rolled out by one more strategy",
    "feature-strategy-remove": "rolled out by one strategy less",
    "feature-strategy-update": "rolled out otherwise",
    "feature-environment-variants-updated": "given other variants",
    "feature-variants-updated": "given other variants",
    "feature-archived": "archived",
    "feature-revived": "revived",
    "feature-deleted": "deleted",
    "segment-updated": "a segment that was changed",
    "segment-deleted": "a segment that was deleted",
}
"""Unleash's events that change what is served, and how we say them; names, tags, comments and stale marks do not."""


def _launchdarkly(sent: Sent) -> list[Change]:
    kind, name = text_at(sent.body, "kind"), text_at(sent.body, "name")
    accesses = sent.body.get("accesses")
    if not kind or not isinstance(accesses, list):
        raise BadInput("not_a_change", detail='expected an audit log entry with "kind" and "accesses"')
    if kind not in ("flag", "segment"):
        return []
    resources = [text_at(one, "resource") for one in accesses if isinstance(one, dict)]
    parts = [part for one in resources for part in one.split(":") if part.startswith("env/")]
    where = parts[0].removeprefix("env/").partition(";")[0] if parts else ""
    verb = text_at(sent.body, "titleVerb") or "changed"
    title = f"flag {name}: {verb}{f' in {where}' if where not in ('', '*') else ''}"
    return [Change(EventKind.FLAG, title, sent.body.get("date"), "", "" if where == "*" else where)]


def _flagsmith(sent: Sent) -> list[Change]:
    kind = text_at(sent.body, "event_type")
    state = object_at(sent.body, "data", "new_state") or object_at(sent.body, "data", "previous_state")
    if not kind:
        raise BadInput("not_a_change", detail='expected "event_type" and "data", as an environment\'s webhook has them')
    name, where = text_at(state, "feature", "name"), text_at(state, "environment", "name")
    if kind not in ("FLAG_UPDATED", "FLAG_DELETED") or not name:
        return []
    verb = "deleted" if kind == "FLAG_DELETED" else "on, or changed" if state.get("enabled") else "off, or changed"
    return [Change(EventKind.FLAG, _said(name, verb, where), sent.body.get("data", {}).get("timestamp"), "", where)]


def _github(sent: Sent) -> list[Change]:
    event, service = sent.headers.get("x-github-event", ""), text_at(sent.body, "repository", "name")
    if not event or (not service and event != "ping"):
        raise BadInput("not_a_change", detail="expected the header X-GitHub-Event, and a repository")
    if event == "deployment_status" and text_at(sent.body, "deployment_status", "state") == "success":
        deployment, status = object_at(sent.body, "deployment"), object_at(sent.body, "deployment_status")
        what, where = text_at(deployment, "ref") or text_at(deployment, "sha")[:12], text_at(deployment, "environment")
        when = status.get("updated_at") or status.get("created_at")
        return [Change(EventKind.DEPLOY, _deployed(service, what, where), when, service, where)]
    if event == "release" and text_at(sent.body, "action") == "published":
        release = object_at(sent.body, "release")
        title = f"release {text_at(release, 'tag_name')} of {service}"
        return [Change(EventKind.DEPLOY, title, release.get("published_at"), service)]
    return []


def _gitlab(sent: Sent) -> list[Change]:
    kind, service = text_at(sent.body, "object_kind"), text_at(sent.body, "project", "name")
    if not kind:
        raise BadInput("not_a_change", detail='expected "object_kind", as GitLab sends it')
    of, body = object_at(sent.body, "object_attributes"), sent.body
    if kind == "deployment" and body.get("status") == "success":
        what, where = text_at(body, "short_sha") or text_at(body, "ref"), text_at(body, "environment")
        return [
            Change(EventKind.DEPLOY, _deployed(service, what, where), body.get("status_changed_at"), service, where)
        ]
    if kind == "pipeline" and of.get("status") == "success":
        builds = [one for one in body.get("builds") or () if isinstance(one, dict) and one.get("status") == "success"]
        places = {text_at(one, "environment", "name"): one.get("finished_at") for one in builds}
        what = text_at(of, "sha")[:8] or text_at(of, "ref")
        return [
            Change(EventKind.DEPLOY, _deployed(service, what, where), when, service, where)
            for where, when in sorted(places.items(), key=lambda one: one[0])
            if where
        ]
    if kind == "feature_flag" and text_at(of, "name"):
        return [
            Change(EventKind.FLAG, _said(text_at(of, "name"), "turned on" if of.get("active") else "turned off", ""))
        ]
    if kind == "release" and text_at(body, "action") == "create":
        title = f"release {text_at(body, 'tag')} of {service}"
        return [Change(EventKind.DEPLOY, title, body.get("released_at"), service)]
    return []


def _argocd(sent: Sent) -> list[Change]:
    service, state = text_at(sent.body, "metadata", "name"), object_at(sent.body, "status", "operationState")
    if not service:
        raise BadInput("not_a_change", detail="expected an Application, as the template {{toJson .app}} gives it")
    if text_at(state, "phase") != "Succeeded":
        return []
    revision = text_at(state, "syncResult", "revision") or text_at(sent.body, "status", "sync", "revision")
    where = text_at(sent.body, "spec", "destination", "namespace")
    return [Change(EventKind.DEPLOY, _deployed(service, revision[:12], where), state.get("finishedAt"), service, where)]


def _cloudevents(sent: Sent) -> list[Change]:
    binary = {key.removeprefix("ce-"): value for key, value in sent.headers.items() if key.startswith("ce-")}
    event = binary or sent.body
    kind, subject = text_at(event, "type"), sent.body if binary else object_at(sent.body, "data")
    kind, when = (
        kind or text_at(sent.body, "context", "type"),
        event.get("time") or object_at(sent.body, "context").get("timestamp"),
    )
    if not kind:
        raise BadInput("not_a_change", detail='expected a CloudEvent with "type", in its body or as ce-type')
    content = object_at(subject, "subject", "content") or object_at(sent.body, "subject", "content")
    if kind.startswith("dev.cdevents."):
        if not kind.startswith(CDEVENTS):
            return []
        name = text_at(subject, "subject", "id") or text_at(sent.body, "subject", "id")
        where = text_at(content, "environment", "id")
        return [Change(EventKind.DEPLOY, _deployed(name, text_at(content, "artifactId"), where), when, name, where)]
    title = text_at(subject, "title") or f"{kind} {text_at(event, 'subject')}".strip()
    said = text_at(subject, "kind")
    known = EventKind(said) if said in (EventKind.DEPLOY, EventKind.FLAG, EventKind.SCALING) else sent.kind
    return [Change(known, title, when, text_at(subject, "service"), text_at(subject, "environment"))]


CDEVENTS: Final = tuple(f"dev.cdevents.service.{verb}." for verb in ("deployed", "upgraded", "rolledback", "removed"))
"""CDEvents that change what runs."""


def _said(flag: str, verb: str, where: str) -> str:
    return f"flag {flag}: {verb}{f' in {where}' if where else ''}"


def _deployed(service: str, what: str, where: str) -> str:
    return f"{service} {what}".strip() + (f" to {where}" if where else "")


TOOLS: Final[dict[str, Callable[[Sent], list[Change]]]] = {
    "unleash": _unleash,
    "launchdarkly": _launchdarkly,
    "flagsmith": _flagsmith,
    "github": _github,
    "gitlab": _gitlab,
    "argocd": _argocd,
    "cloudevents": _cloudevents,
}
"""Readers by the tool's name, which is the last part of the address."""
