"""How a cluster's API is reached: by the service account of the pod that we run in, or by a kubeconfig.

References
----------
Kubernetes, "Accessing the Kubernetes API from a Pod"; ``kubeconfig (v1)``. Plugins (``exec``, ``auth-provider``) are
not run: a server should have a service account.
"""

from __future__ import annotations

import os
import ssl
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

from vedette.errors import ConfigError

ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")

LOCAL: Final = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the API is, what it proves itself by, and what we prove ourselves by."""

    url: str
    context: ssl.SSLContext
    token: str = ""
    token_file: Path | None = None
    """Read for each request: the kubelet renews it."""

    def authorization(self) -> dict[str, str]:
        """Return the header of a request; none where a client certificate says who we are."""
        token = self.token_file.read_text().strip() if self.token_file else self.token
        return {"Authorization": f"Bearer {token}"} if token else {}


def reached(kubeconfig: str, account: Path = ACCOUNT) -> Cluster:
    """Return the cluster of a kubeconfig's current context, or for "" the one that we run in.

    Raises
    ------
    ConfigError
        Where there is none, or it asks for what is not supported, in words.
    """
    try:
        return _of_file(Path(kubeconfig).expanduser()) if kubeconfig else _inside(account)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise _refused(f"{kubeconfig or account}: {type(error).__name__}: {error}") from error


def _refused(problem: str) -> ConfigError:
    return ConfigError([f"kubernetes.watch: {problem}; expected to run in a pod, or kubernetes.kubeconfig = a file"])


def _inside(account: Path) -> Cluster:
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST", ""), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise _refused("KUBERNETES_SERVICE_HOST is not set")
    name = f"[{host}]" if ":" in host else host
    context = ssl.create_default_context(cafile=str(account / "ca.crt"))
    return Cluster(f"https://{name}:{port}", context, token_file=account / "token")


def _of_file(path: Path) -> Cluster:
    config = yaml.safe_load(path.read_text())
    current = _named(config["contexts"], config["current-context"], "context")
    cluster = _named(config["clusters"], current["cluster"], "cluster")
    user = _named(config["users"], current["user"], "user")
    plugin = next((name for name in ("exec", "auth-provider") if name in user), "")
    if plugin:
        raise _refused(f"{path}: user {current['user']!r} needs the plugin of {plugin!r}, which is not run")
    url, token = str(cluster["server"]).rstrip("/"), str(user.get("token", ""))
    token_file = path.parent / user["tokenFile"] if user.get("tokenFile") else None
    if url.startswith("http://") and (token or token_file) and not url.startswith(LOCAL):
        raise _refused(f"{path}: got {url}, and a token would go over the network in the clear")
    return Cluster(url, _context(path.parent, cluster, user), token, token_file)


def _named(rows: list[Mapping[str, Any]], name: str, key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(row[key] for row in rows if row["name"] == name) or {}
    return found


def _context(folder: Path, cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    """Return what checks the API's certificate, and shows ours."""
    with TemporaryDirectory() as scratch:
        authority = _file(folder, Path(scratch), cluster, "certificate-authority")
        context = ssl.create_default_context(cafile=authority and str(authority))
        if cluster.get("insecure-skip-tls-verify"):
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        certificate = _file(folder, Path(scratch), user, "client-certificate")
        key = _file(folder, Path(scratch), user, "client-key")
        if certificate and key:
            context.load_cert_chain(certificate, key)
    return context


def _file(folder: Path, scratch: Path, row: Mapping[str, Any], name: str) -> Path | None:
    """Return the file of an entry, written for a moment where the entry holds its content; None for none."""
    if row.get(f"{name}-data"):
        path = scratch / name
        path.touch(0o600)
        path.write_bytes(b64decode(row[f"{name}-data"]))
        return path
    return folder / row[name] if row.get(name) else None
