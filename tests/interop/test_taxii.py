"""Indicators from a real TAXII 2.1 server: medallion, of OASIS."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from vedette.cli.indicators import indicators
from vedette.errors import BadInput
from vedette.receive.taxii import ACCEPT

MEDALLION = Path(__file__).parents[2] / ".build" / "taxii" / "bin" / "medallion"
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
STAMP = "2026-01-01T00:00:00.000Z"
PAGE = 20
COUNT = 60


def thing(type_: str, number: int, **facts: Any) -> dict[str, Any]:
    name = f"{type_}--{number:08d}-0000-4000-8000-000000000000"
    return {"type": type_, "spec_version": "2.1", "id": name, "created": STAMP, "modified": STAMP, **facts}


def indicator(number: int, pattern: str, **facts: Any) -> dict[str, Any]:
    return thing("indicator", number, pattern=pattern, pattern_type="stix", valid_from=STAMP, **facts)


def objects() -> list[dict[str, Any]]:
    many = [indicator(n, f"[ipv4-addr:value = '45.9.148.{n + 1}']", confidence=80) for n in range(COUNT)]
    domain = indicator(900, "[domain-name:value = 'bad-site.net']", name="phish")
    attack = thing(
        "attack-pattern",
        1,
        name="Phishing",
        external_references=[{"source_name": "mitre-attack", "external_id": "T1566"}],
    )
    indicates = {"relationship_type": "indicates", "source_ref": domain["id"], "target_ref": attack["id"]}
    return [*many, domain, attack, thing("relationship", 1, **indicates)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not MEDALLION.exists():
        pytest.skip("medallion is not here: make e2e-setup")
    folder = tmp_path_factory.mktemp("taxii")
    kept = {"id": COLLECTION, "title": "Feed", "can_read": True, "can_write": True, "media_types": [ACCEPT]}
    about = {"title": "x", "description": "x", "versions": [ACCEPT], "max_content_length": 1 << 20}
    data = {
        "/discovery": {"title": "x", "description": "x", "default": "x", "api_roots": ["http://localhost/api1/"]},
        "api1": {"information": about, "status": [], "collections": [{**kept, "manifest": [], "objects": []}]},
    }
    (folder / "data.json").write_text(json.dumps(data))
    backend = {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": str(folder / "data.json"),
    }
    config = {"backend": backend, "users": {"ana": "pw"}, "taxii": {"max_page_size": PAGE}}
    (folder / "config.json").write_text(json.dumps(config))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [str(MEDALLION), "--port", str(port), str(folder / "config.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}/api1/collections/"
        fill(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def fill(address: str, server: subprocess.Popen[bytes]) -> None:
    """Add the objects as TAXII has it, once the server is there."""
    headers = {"Accept": ACCEPT, "Content-Type": ACCEPT}
    body = json.dumps({"objects": objects()})
    for _ in range(200):
        assert server.poll() is None, "medallion ended"
        try:
            answer = httpx.post(
                f"{address}{COLLECTION}/objects/", content=body, headers=headers, auth=("ana", "pw"), trust_env=False
            )
        except httpx.ConnectError:
            time.sleep(0.1)
            continue
        assert answer.status_code == 202
        return
    pytest.fail("medallion does not listen")


def add(source: str, folder: Path, password: str, *words: str) -> Result:
    env = {"VEDETTE_TAXII_PASSWORD": password}
    return CliRunner().invoke(indicators, ["add", source, "--user", "ana", "--data", str(folder), *words], env=env)


def test_a_collection_of_several_pages_is_taken_in_with_what_it_indicates(root: str, tmp_path: Path) -> None:
    done = add(f"{root}{COLLECTION}/", tmp_path, "pw", "--name", "isac", "--apply")
    assert done.exit_code == 0, done.output
    assert f"added: {COUNT + 1}" in done.output
    checked = CliRunner().invoke(indicators, ["check", "www.bad-site.net", "--json", "--data", str(tmp_path)])
    (one,) = json.loads(checked.stdout)["items"]
    assert (one["label"], one["techniques"], one["list"]) == ("phish, Phishing", ["T1566"], "isac")


@pytest.mark.parametrize(
    ("path", "password", "said"),
    [
        (f"{COLLECTION}/", "wrong", "401"),
        ("", "pw", f"lists the collections {COLLECTION} (Feed)"),
        ("../../taxii2/", "pw", "discovery of http://localhost/api1/"),
        ("00000000-0000-4000-8000-000000000000/", "pw", "404"),
    ],
)
def test_what_is_refused_or_is_no_collection_is_said(
    root: str, tmp_path: Path, path: str, password: str, said: str
) -> None:
    source = root.replace("/api1/collections/", "/taxii2/") if path.startswith("..") else root + path
    refused = add(source, tmp_path, password)
    assert isinstance(refused.exception, BadInput)
    assert said in str(refused.exception)
