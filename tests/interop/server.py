"""A real server in a process of its own, for tests that talk to it as clients do."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "vedette.cli.main", "up"]


class RunningServer:
    """``vedette up`` on a data folder; started again as often as needed, on the same port."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self.folder = folder
        self._options = options
        self._environment = {**os.environ, **environment}
        self.url = "http://127.0.0.1:0"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start and wait until it is ready."""
        listen = self.url.removeprefix("http://")
        words = [*COMMAND, "--data", str(self.folder), "--listen", listen, *self._options]
        self._process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=self._environment)
        assert self._process.stderr is not None
        first = self._process.stderr.readline()
        match = re.search(r"http://\S+", first)
        assert match, first + self._process.stderr.read()
        self.url = match[0]
        self.wait_ready()

    @property
    def pid(self) -> int:
        """Process id."""
        assert self._process is not None
        return self._process.pid

    def wait_ready(self, seconds: float = 240.0) -> None:
        """Wait until it takes telemetry: on a slow machine with kernels still to be compiled, minutes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.ask("/-/ready")[0] == 200:
                return
            time.sleep(0.1)
        raise AssertionError("the server did not become ready")

    def kill(self) -> None:
        """End it at once, as a power failure would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def end(self) -> None:
        """End it if it still runs, as a test that failed would leave it."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def stop(self) -> int:
        """End it as Ctrl-C does; returns the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(timeout=60)
        assert self._process.stderr is not None
        self._process.stderr.close()
        return code

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Return status and body of a request; 0 where nothing answers."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, body, names)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            return 0, b""

    def api(self, path: str) -> Any:
        """Return the JSON of an API path."""
        status, body = self.ask(f"/api/v1/{path}")
        assert status == 200, (status, body)
        return json.loads(body)
