"""Channels without their secrets, and "send test"."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from vedette.notify.base import DeliveryFailed


def test_channels_are_listed_with_what_waits_and_without_secrets(client: TestClient) -> None:
    answer = client.get("/api/v1/notify/channels")
    (row,) = answer.json()["items"]
    assert (row["name"], row["waiting"], row["lag_seconds"]) == ("mail", 1, 2.5)
    assert "hunter2" not in answer.text


def test_a_test_is_sent_to_the_channel_that_is_named(client: TestClient, reader: Any) -> None:
    answer = client.post("/api/v1/notify/mail/test")
    assert (answer.status_code, answer.json()) == (200, {"channel": "mail", "delivered": True})
    assert reader.last("try_channel") == {"channel": "mail"}


def test_a_channel_that_is_none_is_not_found(client: TestClient) -> None:
    answer = client.post("/api/v1/notify/mial/test")
    assert answer.status_code == 404
    assert "mial" in answer.json()["detail"]


def test_what_the_receiver_said_is_told(client: TestClient, reader: Any) -> None:
    reader.error = DeliveryFailed("mail.example.com:587: no answer within 10 s")
    answer = client.post("/api/v1/notify/mail/test")
    assert answer.status_code == 502
    assert "no answer within 10 s" in answer.json()["detail"]


def test_another_site_can_not_ask_for_a_test(client: TestClient, reader: Any) -> None:
    answer = client.post(
        "/api/v1/notify/mail/test", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert reader.calls == []
