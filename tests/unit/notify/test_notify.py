import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from vedette.notify.alertmanager import ENDS_AFTER, Alertmanager, alert
from vedette.notify.base import DeliveryFailed
from vedette.notify.post import Door, name_of
from vedette.notify.sample import sample
from vedette.notify.webhook import Webhook
from vedette.notify.words import USUAL
from vedette.records.time import SECOND, from_rfc3339, rfc3339

NOW = from_rfc3339("2026-11-24T10:05:00Z")
INCIDENT = sample(NOW)
RESOLVED = {**INCIDENT, "phase": "resolved", "ended_at": "2026-11-24T10:09:00.000Z"}


def webhook(url: str, secret: str = "") -> Webhook:
    return Webhook("hook", Door(url, secret))


def alertmanager(url: str) -> Alertmanager:
    return Alertmanager("manager", Door(url))


@dataclass
class Receiver:
    """A receiver on loopback that keeps what it gets and answers as told."""

    url: str = ""
    status: int = 200
    answer: bytes = b"{}"
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def alerts(self) -> list[list[dict[str, Any]]]:
        return [json.loads(body) for _, _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(state.status)
            self.send_header("content-length", str(len(state.answer)))
            self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()


class TestBoth:
    @pytest.fixture(params=[webhook, alertmanager])
    def make(self, request: pytest.FixtureRequest) -> Callable[[str], Webhook | Alertmanager]:
        make: Callable[[str], Webhook | Alertmanager] = request.param
        return make

    @pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
    def test_another_answer_than_2xx_is_a_failure_that_is_named(
        self, make: Callable[[str], Webhook | Alertmanager], receiver: Receiver, status: int
    ) -> None:
        receiver.status, receiver.answer = status, b"no such channel"
        with pytest.raises(DeliveryFailed, match=rf"{status}: no such channel"):
            make(receiver.url).send(INCIDENT, NOW)
        assert len(receiver.got) == 1

    @pytest.mark.parametrize("status", [200, 202, 204])
    def test_2xx_is_success(
        self, make: Callable[[str], Webhook | Alertmanager], receiver: Receiver, status: int
    ) -> None:
        receiver.status, receiver.answer = status, b""
        make(receiver.url).send(INCIDENT, NOW)
        assert len(receiver.got) == 1

    def test_nobody_there_is_a_failure(self, make: Callable[[str], Webhook | Alertmanager]) -> None:
        with pytest.raises(DeliveryFailed, match=r"127\.0\.0\.1:9"):
            make("http://127.0.0.1:9").send(INCIDENT, NOW)

    @pytest.mark.parametrize("url", ["http://[::1", "http://a b", "http://"])
    def test_a_url_that_is_none_is_a_failure(self, make: Callable[[str], Webhook | Alertmanager], url: str) -> None:
        with pytest.raises((DeliveryFailed, ValueError)):
            make(url).send(INCIDENT, NOW)

    def test_names_and_messages_hold_no_secret(
        self, make: Callable[[str], Webhook | Alertmanager], receiver: Receiver
    ) -> None:
        receiver.status = 500
        notifier = make(f"{receiver.url}/services/hunter2")
        with pytest.raises(DeliveryFailed) as failed:
            notifier.send(INCIDENT, NOW)
        assert "hunter2" not in str(failed.value) + repr(vars(notifier))

    def test_a_flood_for_an_answer_is_not_read(
        self, make: Callable[[str], Webhook | Alertmanager], receiver: Receiver
    ) -> None:
        receiver.status, receiver.answer = 500, b"x" * (50 << 20)
        with pytest.raises(DeliveryFailed) as failed:
            make(receiver.url).send(INCIDENT, NOW)
        assert len(str(failed.value)) < 1000


def test_receivers_of_one_host_have_names_of_their_own() -> None:
    path = "x" * 300
    assert name_of("webhook", f"http://host/{path}1") != name_of("webhook", f"http://host/{path}2")
    assert len(name_of("webhook", f"http://host/{path}1")) < 60


class TestWebhook:
    def test_sends_the_document_as_a_cloud_event(self, receiver: Receiver) -> None:
        webhook(f"{receiver.url}/hook").send(INCIDENT, NOW)
        path, headers, body = receiver.got[0]
        assert (path, json.loads(body)) == ("/hook", INCIDENT)
        assert headers["content-type"] == "application/json"
        assert headers["ce-specversion"] == "1.0"
        assert headers["ce-type"] == "vedette.incident.firing"
        assert headers["ce-time"] == rfc3339(NOW)
        assert "x-vedette-signature" not in headers

    def test_the_id_is_stable_over_repeats_and_new_on_change(self, receiver: Receiver) -> None:
        hook = webhook(receiver.url)
        for incident in (INCIDENT, INCIDENT, {**INCIDENT, "severity": "critical"}, RESOLVED):
            hook.send(incident, NOW)
        ids = [headers["ce-id"] for _, headers, _ in receiver.got]
        assert ids[0] == ids[1]
        assert len(set(ids)) == 3

    def test_the_signature_is_the_body_s_hmac(self, receiver: Receiver) -> None:
        webhook(receiver.url, "secret").send(INCIDENT, NOW)
        _, headers, body = receiver.got[0]
        assert headers["x-vedette-signature"] == "sha256=" + hmac.new(b"secret", body, "sha256").hexdigest()

    def test_text_that_is_no_unicode_does_not_stop_it(self, receiver: Receiver) -> None:
        webhook(receiver.url).send({**INCIDENT, "title": "\ud800"}, NOW)
        assert len(receiver.got) == 1


class TestAlertmanager:
    def test_goes_to_the_v2_api(self, receiver: Receiver) -> None:
        alertmanager(receiver.url + "/").send(INCIDENT, NOW)
        assert receiver.got[0][0] == "/api/v2/alerts"

    def test_ends_four_minutes_ahead_while_firing_and_at_its_end_when_over(self) -> None:
        assert alert(INCIDENT, USUAL, NOW)["endsAt"] == rfc3339(NOW + ENDS_AFTER) == "2026-11-24T10:09:00.000Z"
        assert alert(RESOLVED, USUAL, NOW)["endsAt"] == RESOLVED["ended_at"]

    def test_labels_do_not_change_with_score_text_or_techniques(self) -> None:
        later = {**INCIDENT, "score": 95.0, "title": "worse", "techniques": ["T1110"], "updated_at": rfc3339(NOW)}
        assert alert(later, USUAL, NOW)["labels"] == alert(INCIDENT, USUAL, NOW)["labels"]
        assert alert(later, USUAL, NOW)["annotations"]["score"] == "95"
        assert alert(later, USUAL, NOW)["annotations"]["techniques"] == "T1110"

    @pytest.mark.parametrize("change", [{"severity": "critical"}, {"kind": "security"}])
    def test_new_labels_resolve_the_alert_of_the_old_ones(self, receiver: Receiver, change: dict[str, str]) -> None:
        manager = alertmanager(receiver.url)
        manager.send(INCIDENT, NOW)
        manager.send({**INCIDENT, **change}, NOW + 60 * SECOND)
        manager.send({**INCIDENT, **change}, NOW + 120 * SECOND)
        first, second, third = receiver.alerts()
        assert [len(first), len(second), len(third)] == [1, 2, 1]
        assert second[0]["labels"] == first[0]["labels"]
        assert second[0]["endsAt"] == rfc3339(NOW + 60 * SECOND)
        assert second[1]["labels"].items() >= change.items()

    def test_a_failed_change_is_sent_whole_again(self, receiver: Receiver) -> None:
        manager = alertmanager(receiver.url)
        manager.send(INCIDENT, NOW)
        receiver.status = 500
        for _ in range(2):
            with pytest.raises(DeliveryFailed):
                manager.send({**INCIDENT, "severity": "critical"}, NOW)
        assert [len(alerts) for alerts in receiver.alerts()] == [1, 2, 2]

    def test_what_is_over_is_forgotten(self, receiver: Receiver) -> None:
        manager = alertmanager(receiver.url)
        manager.send(INCIDENT, NOW)
        manager.send(RESOLVED, NOW)
        manager.send({**INCIDENT, "severity": "critical"}, NOW)
        assert [len(alerts) for alerts in receiver.alerts()] == [1, 1, 1]
