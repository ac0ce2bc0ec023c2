"""The laws of notifiers, held by every channel against a real receiver."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email import message_from_bytes, policy
from typing import Any

import jsonschema
import pytest
from tests.contract import receiving, schemas
from tests.contract.receiving import Inbox

from vedette.notify.base import DeliveryFailed, Document, Notifier
from vedette.notify.channel import TYPES, Around, Channel, make
from vedette.notify.digest import digest
from vedette.notify.message import letter_id
from vedette.notify.sample import sample
from vedette.records.time import SECOND, from_rfc3339

NOW = from_rfc3339("2026-11-24T10:05:00Z")
FIRING, RESOLVED = sample(NOW), sample(NOW, "resolved")
SECRET = "hunter2hunter2"
TIMEOUT = 1.0
CHANNELS = {**{name: name for name in TYPES}, "cloudevents": "webhook", "ocsf": "webhook"}


def channel(name: str, port: int) -> Channel:
    kind, url = CHANNELS[name], f"http://127.0.0.1:{port}/services/{SECRET}"
    form = name if name in ("cloudevents", "ocsf") else "vedette"
    server, to = f"127.0.0.1:{port}", ("oncall@example.com",)
    return Channel(
        name,
        kind,
        url=url,
        secret="" if kind in ("email", "syslog") else SECRET,
        timeout=TIMEOUT,
        server=server,
        security="none",
        sender="Vedette <vedette@example.com>",
        to=to,
        format=form,
    )


@pytest.fixture(params=CHANNELS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def inbox(name: str) -> Iterator[Inbox]:
    servers: dict[str, Callable[[], AbstractContextManager[Inbox]]] = {
        "email": receiving.smtp,
        "syslog": receiving.syslog,
    }
    with servers.get(CHANNELS[name], receiving.http)() as found:
        yield found


@pytest.fixture
def notifier(name: str, inbox: Inbox) -> Notifier:
    return make(channel(name, inbox.port), Around("https://vedette.example.com", "1.2.3"))


def arrived(inbox: Inbox, count: int) -> list[bytes]:
    until = time.monotonic() + 5
    while len(inbox.got) < count and time.monotonic() < until:
        time.sleep(0.01)
    assert len(inbox.got) == count
    return inbox.got


def read(name: str, body: bytes) -> Any:
    if name == "email":
        return message_from_bytes(body, policy=policy.default)
    return body.decode() if name == "syslog" else json.loads(body)


DEDUPE: dict[str, Callable[[Any], str]] = {
    "alertmanager": lambda got: json.dumps(got[0]["labels"], sort_keys=True),
    "cloudevents": lambda got: got["source"] + got["id"],
    "email": lambda got: got["Message-ID"],
    "ntfy": lambda got: got["sequence_id"],
    "ocsf": lambda got: got["metadata"]["uid"],
    "pagerduty": lambda got: got["dedup_key"] + got["event_action"],
    "slack": lambda got: got["attachments"][0]["blocks"][0]["block_id"],
    "syslog": lambda got: got.partition('letter="')[2].partition('"')[0],
    "teams": lambda got: got["attachments"][0]["content"]["body"][0]["items"][0]["id"],
    "webhook": lambda got: got["id"] + got["phase"] + got["severity"],
}
PAIR: dict[str, Callable[[Any], str]] = {
    **DEDUPE,
    "cloudevents": lambda got: got["subject"],
    "email": lambda got: got["References"],
    "ntfy": lambda got: got["click"],
    "ocsf": lambda got: got["finding_info"]["uid"],
    "pagerduty": lambda got: got["dedup_key"],
    "slack": lambda got: got["attachments"][0]["blocks"][-1]["elements"][0]["url"],
    "syslog": lambda got: got.partition("externalId=")[2].partition(" ")[0],
    "teams": lambda got: got["attachments"][0]["content"]["actions"][0]["url"],
    "webhook": lambda got: got["id"],
}


def test_every_type_of_channel_is_held_to_the_laws() -> None:
    assert set(CHANNELS.values()) == set(TYPES)
    assert set(DEDUPE) == set(PAIR) == set(CHANNELS)


def test_the_same_letter_has_the_same_id_and_another_change_another(
    name: str, notifier: Notifier, inbox: Inbox
) -> None:
    for moment in (NOW, NOW + 600 * SECOND):
        notifier.send(FIRING, moment)
    notifier.send(RESOLVED, NOW + 700 * SECOND)
    ids = [DEDUPE[name](read(name, body)) for body in arrived(inbox, 3)]
    assert ids[0] == ids[1]
    assert ids[0]
    assert name == "alertmanager" or ids[2] != ids[0]


def test_beginning_and_end_pair_up(name: str, notifier: Notifier, inbox: Inbox) -> None:
    notifier.send(FIRING, NOW)
    notifier.send(RESOLVED, NOW)
    first, last = (PAIR[name](read(name, body)) for body in arrived(inbox, 2))
    assert first == last
    assert first


def test_a_refusal_is_a_failed_delivery_without_secrets(name: str, notifier: Notifier, inbox: Inbox) -> None:
    inbox.mood = "broken"
    with pytest.raises(DeliveryFailed) as failed:
        notifier.send(FIRING, NOW)
    told = f"{failed.value} {failed.value!r}"
    assert f"127.0.0.1:{inbox.port}" in told
    assert SECRET not in told
    assert len(told) < 1500


def test_secrets_are_in_no_representation(name: str) -> None:
    made = channel(name, 9)
    assert SECRET not in f"{made!r} {made.shown()} {vars(make(made, Around()))!r}"


def test_nobody_there_is_a_failed_delivery(name: str) -> None:
    with pytest.raises(DeliveryFailed, match=r"127\.0\.0\.1:9\b"):
        make(channel(name, 9), Around()).send(FIRING, NOW)


@pytest.mark.parametrize("mood", ["silent", "dripping"])
def test_a_slow_receiver_is_left_in_time(name: str, notifier: Notifier, inbox: Inbox, mood: str) -> None:
    if name == "syslog" or (name == "email" and mood == "dripping"):
        pytest.skip("it does not wait for words of the other side")
    inbox.mood = mood
    began = time.monotonic()
    with pytest.raises(DeliveryFailed, match="no answer within 1 s"):
        notifier.send(FIRING, NOW)
    assert time.monotonic() - began < TIMEOUT + 1.0


@pytest.mark.parametrize(
    "title", ["x" * 5000, "Kä\ud800se → 完了 \u202e", "a\r\nBcc: you@example.com", "<b>&*_[x](http://e)|\\="]
)
def test_titles_of_any_kind_arrive(name: str, notifier: Notifier, inbox: Inbox, title: str) -> None:
    notifier.send({**FIRING, "title": title}, NOW)
    got = read(name, arrived(inbox, 1)[0])
    if name == "email":
        assert got["To"] == "oncall@example.com"
        assert got["Bcc"] is None
        assert "<b>" not in got.get_body(("html",)).get_content()


def limits(name: str, got: Any) -> None:
    known = {
        "slack": schemas.SLACK,
        "teams": schemas.TEAMS,
        "pagerduty": schemas.PAGERDUTY,
        "cloudevents": schemas.CLOUDEVENT,
    }
    if name in known:
        jsonschema.validate(got, known[name])
    if name == "teams":
        assert len(json.dumps(got)) <= 28_000
    if name == "ntfy":
        assert len(got["message"].encode()) <= 4096


def huge() -> Document:
    part = {**FIRING["explanation"]["contributions"][0], "text": "&<" * 3000, "counterfactual": "ä" * 3000}
    why = {**FIRING["explanation"], "contributions": [part] * 30, "paragraph": "完" * 9000, "lowered": ["y" * 900] * 9}
    return {**FIRING, "title": "&" * 4000, "segment": "s" * 4000, "explanation": why}


NOWHERE = {**FIRING, "segment": "", "segment_parts": {"environment": "", "service": "", "operation": ""}}
"""A detector that misbehaves, where no environment has a name."""


@pytest.mark.parametrize("document", [FIRING, RESOLVED, NOWHERE, huge()], ids=["firing", "resolved", "nowhere", "huge"])
def test_published_limits_are_kept(name: str, notifier: Notifier, inbox: Inbox, document: Document) -> None:
    notifier.send(document, NOW)
    limits(name, read(name, arrived(inbox, 1)[0]))


def test_a_digest_arrives_where_it_makes_sense(name: str, notifier: Notifier, inbox: Inbox) -> None:
    if not notifier.takes_digests:
        pytest.skip("for machines that hold incidents, not for readers")
    letter = digest(
        "digest-1", NOW - 86_400 * SECOND, NOW, [FIRING, {**RESOLVED, "verdict": "noise", "explained": "sale"}]
    )
    notifier.send(letter, NOW)
    body = arrived(inbox, 1)[0]
    limits(name, read(name, body))
    text = read(name, body).get_body(("plain",)).get_content() if name == "email" else json.loads(body)
    said = body.decode() if name == "email" else json.dumps(text, ensure_ascii=False)
    assert "1 of them was explained by what was announced later." in " ".join(said.split())
    assert "2 incidents in the last day, 1 still open" in (body.decode() if name == "email" else json.dumps(text))


def test_the_id_of_a_letter_changes_with_phase_and_severity_only() -> None:
    later = {**FIRING, "score": 99.0, "title": "worse", "updated_at": "2026-11-24T11:00:00.000Z"}
    assert letter_id(later) == letter_id(FIRING)
    assert len({letter_id(one) for one in (FIRING, RESOLVED, {**FIRING, "severity": "critical"})}) == 3
