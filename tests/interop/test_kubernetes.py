"""A real API server: what is deployed and scaled is seen, with no more rights than the manifest that we hand out gives.

Needs ``kube-apiserver`` and ``etcd`` on the path, or named by TEST_ASSET_KUBE_APISERVER and TEST_ASSET_ETCD.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
import yaml

from vedette.config.schema import Kubernetes
from vedette.engine.clock import now
from vedette.engine.cluster import cluster_jobs
from vedette.records.context import PlannedEvent

MANIFEST = Path(__file__).parents[2] / "deploy/kubernetes/rbac.yaml"
ETCD = os.environ.get("TEST_ASSET_ETCD") or shutil.which("etcd")
SERVER = os.environ.get("TEST_ASSET_KUBE_APISERVER") or shutil.which("kube-apiserver")
ADMIN = "an-administrator"
PATHS = {
    "ServiceAccount": "/api/v1/namespaces/default/serviceaccounts",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
SHOP = {
    "metadata": {"name": "shop"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "shop"}},
        "template": {
            "metadata": {"labels": {"app": "shop"}},
            "spec": {"containers": [{"name": "shop", "image": "registry.example/shop:2.4.0"}]},
        },
    },
}
MERGE = {"Content-Type": "application/strategic-merge-patch+json"}

pytestmark = pytest.mark.skipif(
    not (ETCD and SERVER),
    reason="needs kube-apiserver and etcd on the path, or TEST_ASSET_KUBE_APISERVER and TEST_ASSET_ETCD",
)


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.2)


@dataclass
class RealCluster:
    """An API server with its etcd, in processes of their own."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        store, peer, self.port = free_ports(3)
        self.etcd = [
            str(ETCD),
            *("--data-dir", str(self.folder / "etcd")),
            *("--listen-client-urls", f"http://127.0.0.1:{store}"),
            *("--advertise-client-urls", f"http://127.0.0.1:{store}"),
            *("--listen-peer-urls", f"http://127.0.0.1:{peer}"),
        ]
        key = self.folder / "account.key"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        (self.folder / "tokens.csv").write_text(f"{ADMIN},admin,1,system:masters\n")
        self.server = [
            str(SERVER),
            f"--etcd-servers=http://127.0.0.1:{store}",
            "--service-account-issuer=https://cluster.example",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.port}",
            f"--cert-dir={self.folder / 'certs'}",
            "--service-cluster-ip-range=10.0.0.0/24",
        ]
        self._run(self.etcd)
        self.run_server()

    def _run(self, command: list[str]) -> None:
        quiet = subprocess.DEVNULL
        self.processes.append(subprocess.Popen(command, stdout=quiet, stderr=quiet, cwd=self.folder))

    def run_server(self) -> None:
        self._run(self.server)
        until(self._is_ready)

    def _is_ready(self) -> bool:
        if not self.authority.exists():
            return False
        try:
            return self.admin().get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def stop_server(self) -> None:
        server = self.processes.pop()
        server.kill()
        server.wait()

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    @property
    def authority(self) -> Path:
        return self.folder / "certs/apiserver.crt"

    def admin(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.authority))
        headers = {"Authorization": f"Bearer {ADMIN}"}
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}", verify=context, headers=headers, trust_env=False, timeout=20.0
        )

    def kubeconfig(self, token: str) -> str:
        path = self.folder / "kubeconfig"
        server = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": str(self.authority)}
        config = {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": server}],
            "users": [{"name": "u", "user": {"token": token}}],
        }
        path.write_text(yaml.safe_dump(config))
        return str(path)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    made = RealCluster(tmp_path_factory.mktemp("cluster"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def granted(cluster: RealCluster) -> str:
    """Apply our manifest and return a token of its service account."""
    with cluster.admin() as admin:
        for document in yaml.safe_load_all(MANIFEST.read_text()):
            made = admin.post(PATHS[document["kind"]], json=document)
            assert made.status_code in (201, 409), made.text
        wanted = {"spec": {"expirationSeconds": 3600}}
        answer = admin.post("/api/v1/namespaces/default/serviceaccounts/vedette/token", json=wanted)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["status"]["token"])


def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def test_deploys_and_scalings_are_seen_also_after_the_api_was_away(cluster: RealCluster) -> None:
    told: list[PlannedEvent] = []
    stop = Event()
    config = Kubernetes(watch=True, kubeconfig=cluster.kubeconfig(granted(cluster)), namespaces=())
    with cluster.admin() as admin:
        ok(admin.post(DEPLOYMENTS, json={**SHOP, "metadata": {"name": "before"}}))
        threads = [Thread(target=job) for job in cluster_jobs(config, told.extend, now, stop).values()]
        for thread in threads:
            thread.start()
        time.sleep(3.0)
        titles = lambda: [one.title for one in told]  # noqa: E731
        ok(admin.post(DEPLOYMENTS, json=SHOP))
        until(lambda: "default/shop is new with shop:2.4.0" in titles())
        ok(admin.patch(f"{DEPLOYMENTS}/shop", json={"spec": {"replicas": 9}}, headers=MERGE))
        until(lambda: "default/shop from 3 to 9 replicas" in titles())
    cluster.stop_server()
    time.sleep(2.0)
    cluster.run_server()
    with cluster.admin() as admin:
        image = {"name": "shop", "image": "registry.example/shop:2.5.0"}
        change = {"spec": {"template": {"spec": {"containers": [image]}}}}
        ok(admin.patch(f"{DEPLOYMENTS}/shop", json=change, headers=MERGE))
        until(lambda: "default/shop with shop:2.5.0" in titles())
        ok(admin.delete(f"{DEPLOYMENTS}/shop"))
        until(lambda: "default/shop is removed" in titles())
    started = time.monotonic()
    stop.set()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 15.0
    assert len(told) == 4
    assert {one.segments for one in told} == {("shop",)}


def test_the_manifest_lets_nothing_be_changed_or_read_besides(cluster: RealCluster) -> None:
    headers = {"Authorization": f"Bearer {granted(cluster)}"}
    with cluster.admin() as anyone:
        assert anyone.get("/apis/apps/v1/deployments", headers=headers).status_code == 200
        assert anyone.get("/api/v1/secrets", headers=headers).status_code == 403
        assert anyone.get("/api/v1/pods", headers=headers).status_code == 403
        assert anyone.delete(f"{DEPLOYMENTS}/before", headers=headers).status_code == 403
