"""Signing in: by a key that may read, for a while, while the key is good, and not by guessing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from starlette.testclient import TestClient

from vedette.api.problems import MEDIA_TYPE, install_problems
from vedette.api.session import COOKIE, GUARD, LASTS, MOST, TRIES, WITHIN, Sessions, let_in, session_routes
from vedette.errors import Unauthorized
from vedette.receive.keys import Keys


class House:
    """A server with one secret, and a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.keys = Keys(folder / "keys.json")
        self.key = self.keys.create("page", ("read",))
        self.sessions = Sessions(
            lambda key: self.keys.check(f"Bearer {key}", "read"), self.keys.permit, lambda: self.now
        )
        app = FastAPI()
        secret = APIRouter(dependencies=[Depends(let_in(self.sessions, self.keys.check))])
        secret.add_api_route("/secret", lambda: "told", methods=["GET", "POST"])
        app.include_router(secret)
        app.include_router(session_routes(self.sessions))
        install_problems(app)
        self.client = TestClient(app, raise_server_exceptions=False)

    def sign_in(self, key: str) -> Any:
        return self.client.post("/session", json={"key": key})


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_key_opens_and_signing_out_closes(house: House) -> None:
    before = house.client.get("/secret")
    assert (before.status_code, "set-cookie" in before.headers) == (401, False)
    answer = house.sign_in(house.key)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert house.key not in cookie
    assert "path=/;" in cookie
    assert "secure" not in cookie
    assert house.client.get("/secret").json() == "told"
    token = house.client.cookies[COOKIE]
    assert house.client.delete("/session", headers={GUARD: "1"}).status_code == 204
    assert COOKIE not in house.client.cookies
    assert house.client.get("/secret", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401


def test_over_https_the_cookie_stays_there(house: House) -> None:
    house.client.base_url = "https://watch.internal"  # type: ignore[assignment]
    assert "secure" in house.sign_in(house.key).headers["set-cookie"].lower()


def test_signing_in_again_is_another_session(house: House) -> None:
    first = house.sign_in(house.key).cookies[COOKIE]
    assert house.sign_in(house.key).cookies[COOKIE] != first


def test_a_wrong_key_sets_no_cookie(house: House) -> None:
    wrong = house.sign_in("vdt_0_0")
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert wrong.headers["content-type"] == MEDIA_TYPE
    sender = house.sign_in(house.keys.create("sender", ("ingest",)))
    assert (sender.status_code, "set-cookie" in sender.headers) == (403, False)


def test_where_there_was_never_a_key_there_is_nothing_to_sign_in_to(house: House) -> None:
    house.keys = Keys(Path("/nonexistent/keys.json"))
    house.sessions.identify = lambda key: house.keys.check(f"Bearer {key}", "read")
    answer = house.sign_in("anything")
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    assert "vedette key create" in answer.json()["detail"]


def test_another_sites_page_can_not_sign_anybody_in(house: House) -> None:
    answer = house.client.post("/session", json={"key": house.key}, headers={"Sec-Fetch-Site": "same-site"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    form = house.client.post("/session", content=f'{{"key":"{house.key}"}}', headers={"Content-Type": "text/plain"})
    assert (form.status_code, "set-cookie" in form.headers) == (422, False)


def test_guessing_is_slowed_down(house: House) -> None:
    assert [house.sign_in("vdt_0_0").status_code for _ in range(TRIES + 1)] == [401] * TRIES + [429]
    house.now += WITHIN - 0.2
    late = house.sign_in(house.key)
    assert (late.status_code, late.headers["retry-after"], late.json()["status"]) == (429, "1", 429)
    house.now += 0.2
    assert house.sign_in(house.key).status_code == 204


def test_right_keys_are_not_counted(house: House) -> None:
    assert {house.sign_in(house.key).status_code for _ in range(3 * TRIES)} == {204}


def test_guesses_at_the_same_moment_are_counted_too(house: House) -> None:
    def guess(_: int) -> int:
        try:
            house.sessions.begin("vdt_0_0")
        except Unauthorized:
            return 401
        except HTTPException as error:
            return error.status_code
        return 204

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(guess, range(200)))
    assert sorted(answers) == [401] * TRIES + [429] * (200 - TRIES)


def test_a_change_by_cookie_needs_the_header_that_other_sites_cannot_set(house: House) -> None:
    house.key = house.keys.create("person", ("read", "respond"))
    house.sign_in(house.key)
    assert house.client.post("/secret").status_code == 403
    assert house.client.delete("/session").status_code == 403
    assert house.client.post("/secret", headers={GUARD: "1"}).json() == "told"


def test_a_change_by_key_needs_no_such_header(house: House) -> None:
    bearer = {"Authorization": f"Bearer {house.keys.create('script', ('respond',))}"}
    assert house.client.post("/secret", headers=bearer).json() == "told"


def test_a_header_counts_alone_whatever_the_cookie_is(house: House) -> None:
    house.sign_in(house.key)
    assert house.client.get("/secret", headers={"Authorization": "Bearer vdt_0_0"}).status_code == 401


def test_a_session_does_not_reach_beyond_its_key(house: House) -> None:
    house.sign_in(house.key)
    answer = house.client.post("/secret", headers={GUARD: "1"})
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert "scope" in answer.json()["hint"]


@pytest.mark.parametrize(
    "ends",
    [
        lambda house: setattr(house, "now", LASTS),
        lambda house: house.keys.revoke(house.key.split("_")[1]),
        lambda house: [house.sessions.begin(house.key) for _ in range(MOST)],
    ],
    ids=["time", "revoked", "crowded"],
)
def test_a_session_ends(house: House, ends: Callable[[House], object]) -> None:
    house.sign_in(house.key)
    assert house.client.cookies.get(COOKIE)
    ends(house)
    assert house.client.get("/secret").status_code == 401
