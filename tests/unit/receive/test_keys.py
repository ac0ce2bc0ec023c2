import json
import stat
from base64 import b64encode
from pathlib import Path

import pytest

from vedette.errors import ConfigError, Unauthorized
from vedette.receive.keys import Keys


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "data" / "keys.json")


def test_without_any_key_all_are_let_in(keys: Keys) -> None:
    assert keys.check("", "ingest") == ""
    assert keys.check("Bearer nonsense", "admin") == ""


def test_a_key_has_the_documented_form_and_is_known_by_its_id(keys: Keys) -> None:
    key = keys.create("agent", ("ingest",))
    prefix, identity, secret = key.split("_")
    assert (prefix, len(identity), len(secret)) == ("vdt", 8, 64)
    assert keys.check(f"Bearer {key}", "ingest") == identity


def test_every_accepted_way_to_send_it(keys: Keys) -> None:
    key = keys.create("agent", ("ingest",))
    basic = b64encode(f"anyone:{key}".encode()).decode()
    for header in (f"Bearer {key}", f"bearer  {key} ", f"ApiKey {key}", f"Splunk {key}", f"Basic {basic}", key):
        assert keys.check(header, "ingest")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer vdt_", "Bearer vdt_00000000_11", "Basic !!!", "Basic /w==", "Basic", "Bearer vdt_é_ü", "_"],
)
def test_what_is_no_known_key_is_refused(keys: Keys, header: str) -> None:
    keys.create("agent", ("ingest",))
    with pytest.raises(Unauthorized) as refused:
        keys.check(header, "ingest")
    assert refused.value.reason == "wrong_key"


def test_the_right_id_with_another_secret_is_refused(keys: Keys) -> None:
    key, other = keys.create("a", ("ingest",)), keys.create("b", ("ingest",))
    forged = "_".join([*key.split("_")[:2], other.split("_")[2]])
    with pytest.raises(Unauthorized):
        keys.check(f"Bearer {forged}", "ingest")


def test_a_scope_must_be_given_except_to_admins(keys: Keys) -> None:
    reader, admin = keys.create("r", ("read", "respond")), keys.create("a", ("admin",))
    with pytest.raises(Unauthorized) as refused:
        keys.check(f"Bearer {reader}", "ingest")
    assert refused.value.reason == "missing_scope"
    assert "read, respond" in str(refused.value)
    assert keys.check(f"Bearer {reader}", "respond")
    assert keys.check(f"Bearer {admin}", "ingest")


def test_messages_never_hold_the_secret(keys: Keys) -> None:
    secret = keys.create("r", ("read",)).split("_")[2]
    for header in (f"Bearer vdt_ffffffff_{secret}", f"Bearer {keys.create('x', ('read',))}"):
        with pytest.raises(Unauthorized) as refused:
            keys.check(header, "ingest")
        assert header.split("_")[2] not in str(refused.value)


def test_the_file_holds_hashes_and_is_private(keys: Keys, tmp_path: Path) -> None:
    path = tmp_path / "data" / "keys.json"
    key = keys.create("agent", ("ingest",))
    assert key.split("_")[2] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())[0]["name"] == "agent"
    assert [item.name for item in path.parent.iterdir()] == ["keys.json"]


def test_a_revoked_key_is_refused_and_others_stay(keys: Keys) -> None:
    old, new = keys.create("old", ("ingest",)), keys.create("new", ("ingest",))
    assert keys.revoke(old.split("_")[1])
    assert not keys.revoke(old.split("_")[1])
    assert keys.check(f"Bearer {new}", "ingest")
    with pytest.raises(Unauthorized):
        keys.check(f"Bearer {old}", "ingest")


def test_a_running_server_learns_of_keys_made_by_another_process(keys: Keys, tmp_path: Path) -> None:
    assert keys.check("", "ingest") == ""
    key = Keys(tmp_path / "data" / "keys.json").create("agent", ("ingest",))
    with pytest.raises(Unauthorized):
        keys.check("", "ingest")
    assert keys.check(f"Bearer {key}", "ingest")


@pytest.mark.parametrize("scopes", [(), ("ingest", "everything")])
def test_scopes_that_do_not_exist_are_refused(keys: Keys, scopes: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as refused:
        keys.create("agent", scopes)
    assert "ingest, simulate, read, respond, admin" in str(refused.value)
    assert keys.all() == []


def test_revoking_the_last_key_does_not_open_a_running_server(keys: Keys) -> None:
    identity = keys.create("agent", ("ingest",)).split("_")[1]
    assert keys.revoke(identity)
    with pytest.raises(Unauthorized):
        keys.check("", "read")


def test_losing_the_file_does_not_open_a_running_server(keys: Keys, tmp_path: Path) -> None:
    keys.create("agent", ("ingest",))
    assert len(keys.all()) == 1
    (tmp_path / "data" / "keys.json").unlink()
    with pytest.raises(Unauthorized):
        keys.check("", "read")


@pytest.mark.parametrize("content", ["", "{", '[{"id": "a"}]', "3"])
def test_a_damaged_file_is_named_and_never_counts_as_none(keys: Keys, tmp_path: Path, content: str) -> None:
    path = tmp_path / "data" / "keys.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"keys\.json"):
        keys.check("", "ingest")
