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
from typing import Any, Final

import orjson

from vedette.errors import BadInput
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.time import SECOND, from_rfc3339

LONGEST: Final = 200
"""Characters of a title; what is longer is cut."""

AHEAD: Final = 86_400 * SECOND
"""Time ahead of ours, ns, beyond which a change's time is refused: a clock that is off by more than a time zone."""

Json = Mapping[str, Any]


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
    kind, name, where = (_text(sent.body, key) for key in ("type", "featureName", "environment"))
    if not kind:
        raise BadInput("not_a_change", detail='expected an event with "type", as Unleash sends it without a template')
    if kind.startswith("segment-"):
        name = _text(sent.body, "data", "name")
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
    kind, name = _text(sent.body, "kind"), _text(sent.body, "name")
    accesses = sent.body.get("accesses")
    if not kind or not isinstance(accesses, list):
        raise BadInput("not_a_change", detail='expected an audit log entry with "kind" and "accesses"')
    if kind not in ("flag", "segment"):
        return []
    resources = [_text(one, "resource") for one in accesses if isinstance(one, dict)]
    parts = [part for one in resources for part in one.split(":") if part.startswith("env/")]
    where = parts[0].removeprefix("env/").partition(";")[0] if parts else ""
    verb = _text(sent.body, "titleVerb") or "changed"
    title = f"flag {name}: {verb}{f' in {where}' if where not in ('', '*') else ''}"
    return [Change(EventKind.FLAG, title, sent.body.get("date"), "", "" if where == "*" else where)]


def _flagsmith(sent: Sent) -> list[Change]:
    kind = _text(sent.body, "event_type")
    state = _map(sent.body, "data", "new_state") or _map(sent.body, "data", "previous_state")
    if not kind:
        raise BadInput("not_a_change", detail='expected "event_type" and "data", as an environment\'s webhook has them')
    name, where = _text(state, "feature", "name"), _text(state, "environment", "name")
    if kind not in ("FLAG_UPDATED", "FLAG_DELETED") or not name:
        return []
    verb = "deleted" if kind == "FLAG_DELETED" else "on, or changed" if state.get("enabled") else "off, or changed"
    return [Change(EventKind.FLAG, _said(name, verb, where), sent.body.get("data", {}).get("timestamp"), "", where)]


def _github(sent: Sent) -> list[Change]:
    event, service = sent.headers.get("x-github-event", ""), _text(sent.body, "repository", "name")
    if not event or (not service and event != "ping"):
        raise BadInput("not_a_change", detail="expected the header X-GitHub-Event, and a repository")
    if event == "deployment_status" and _text(sent.body, "deployment_status", "state") == "success":
        deployment, status = _map(sent.body, "deployment"), _map(sent.body, "deployment_status")
        what, where = _text(deployment, "ref") or _text(deployment, "sha")[:12], _text(deployment, "environment")
        when = status.get("updated_at") or status.get("created_at")
        return [Change(EventKind.DEPLOY, _deployed(service, what, where), when, service, where)]
    if event == "release" and _text(sent.body, "action") == "published":
        release = _map(sent.body, "release")
        title = f"release {_text(release, 'tag_name')} of {service}"
        return [Change(EventKind.DEPLOY, title, release.get("published_at"), service)]
    return []


def _gitlab(sent: Sent) -> list[Change]:
    kind, service = _text(sent.body, "object_kind"), _text(sent.body, "project", "name")
    if not kind:
        raise BadInput("not_a_change", detail='expected "object_kind", as GitLab sends it')
    of, body = _map(sent.body, "object_attributes"), sent.body
    if kind == "deployment" and body.get("status") == "success":
        what, where = _text(body, "short_sha") or _text(body, "ref"), _text(body, "environment")
        return [
            Change(EventKind.DEPLOY, _deployed(service, what, where), body.get("status_changed_at"), service, where)
        ]
    if kind == "pipeline" and of.get("status") == "success":
        builds = [one for one in body.get("builds") or () if isinstance(one, dict) and one.get("status") == "success"]
        places = {_text(one, "environment", "name"): one.get("finished_at") for one in builds}
        what = _text(of, "sha")[:8] or _text(of, "ref")
        return [
            Change(EventKind.DEPLOY, _deployed(service, what, where), when, service, where)
            for where, when in sorted(places.items(), key=lambda one: one[0])
            if where
        ]
    if kind == "feature_flag" and _text(of, "name"):
        return [Change(EventKind.FLAG, _said(_text(of, "name"), "turned on" if of.get("active") else "turned off", ""))]
    if kind == "release" and _text(body, "action") == "create":
        title = f"release {_text(body, 'tag')} of {service}"
        return [Change(EventKind.DEPLOY, title, body.get("released_at"), service)]
    return []


def _argocd(sent: Sent) -> list[Change]:
    service, state = _text(sent.body, "metadata", "name"), _map(sent.body, "status", "operationState")
    if not service:
        raise BadInput("not_a_change", detail="expected an Application, as the template {{toJson .app}} gives it")
    if _text(state, "phase") != "Succeeded":
        return []
    revision = _text(state, "syncResult", "revision") or _text(sent.body, "status", "sync", "revision")
    where = _text(sent.body, "spec", "destination", "namespace")
    return [Change(EventKind.DEPLOY, _deployed(service, revision[:12], where), state.get("finishedAt"), service, where)]


def _cloudevents(sent: Sent) -> list[Change]:
    binary = {key.removeprefix("ce-"): value for key, value in sent.headers.items() if key.startswith("ce-")}
    event = binary or sent.body
    kind, subject = _text(event, "type"), sent.body if binary else _map(sent.body, "data")
    kind, when = (
        kind or _text(sent.body, "context", "type"),
        event.get("time") or _map(sent.body, "context").get("timestamp"),
    )
    if not kind:
        raise BadInput("not_a_change", detail='expected a CloudEvent with "type", in its body or as ce-type')
    content = _map(subject, "subject", "content") or _map(sent.body, "subject", "content")
    if kind.startswith("dev.cdevents."):
        if not kind.startswith(CDEVENTS):
            return []
        name = _text(subject, "subject", "id") or _text(sent.body, "subject", "id")
        where = _text(content, "environment", "id")
        return [Change(EventKind.DEPLOY, _deployed(name, _text(content, "artifactId"), where), when, name, where)]
    title = _text(subject, "title") or f"{kind} {_text(event, 'subject')}".strip()
    said = _text(subject, "kind")
    known = EventKind(said) if said in (EventKind.DEPLOY, EventKind.FLAG, EventKind.SCALING) else sent.kind
    return [Change(known, title, when, _text(subject, "service"), _text(subject, "environment"))]


CDEVENTS: Final = tuple(f"dev.cdevents.service.{verb}." for verb in ("deployed", "upgraded", "rolledback", "removed"))
"""CDEvents that change what runs."""


def _said(flag: str, verb: str, where: str) -> str:
    return f"flag {flag}: {verb}{f' in {where}' if where else ''}"


def _deployed(service: str, what: str, where: str) -> str:
    return f"{service} {what}".strip() + (f" to {where}" if where else "")


def _map(document: object, *path: str) -> Json:
    """Return the object at a path; an empty one where there is none."""
    for name in path:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document if isinstance(document, Mapping) else {}


def _text(document: object, *path: str) -> str:
    """Return the text at a path, numbers as text; empty for none."""
    value = _map(document, *path[:-1]).get(path[-1])
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


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
