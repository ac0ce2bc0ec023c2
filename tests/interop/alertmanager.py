"""A real Alertmanager on loopback, from the Debian package."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BINARY = shutil.which("prometheus-alertmanager")


@contextmanager
def running(folder: Path, settings: str) -> Iterator[str]:
    """Run one with these settings; yields its address. Skips the test where it is not installed."""
    if BINARY is None:
        assert not os.environ.get("VEDETTE_REQUIRE_E2E"), "prometheus-alertmanager is missing: make e2e-setup"
        pytest.skip("prometheus-alertmanager is not installed: make e2e-setup")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = folder / "am.yml"
    path.write_text(settings)
    words = [
        f"--config.file={path}",
        f"--storage.path={folder / 'am'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    process = subprocess.Popen([str(BINARY), *words], stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{address}/-/ready").close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait()
