"""Seconds until the server listens and is ready, idle memory, installed size."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib import metadata
from pathlib import Path
from typing import Any

UP = [sys.executable, "-m", "vedette.cli.main", "up", "--listen", "127.0.0.1:0"]
IDLE = 10.0


def start(folder: str) -> tuple[subprocess.Popen[str], str, float, float]:
    """Start a server; return it, its address, and seconds until it listens and is ready."""
    began = time.monotonic()
    process = subprocess.Popen([*UP, "--data", folder], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    url = process.stderr.readline().split()[-1]
    listening = 0.0
    while True:
        try:
            with urllib.request.urlopen(f"{url}/-/healthy"):
                listening = listening or time.monotonic() - began
            with urllib.request.urlopen(f"{url}/-/ready"):
                return process, url, listening, time.monotonic() - began
        except OSError:
            time.sleep(0.02)


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def installed_mib() -> float:
    """Return the size of Vedette and all that it needs to run."""
    seen, todo, total = set[str](), ["vedette"], 0
    while todo:
        name = todo.pop()
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        for file in package.files or []:
            path = Path(str(file.locate()))
            total += path.stat().st_size if path.is_file() else 0
        todo += [re.split(r"[ ;\[<>=!~(]", need)[0] for need in package.requires or [] if "extra ==" not in need]
    return total / 2**20


def run(data: Path) -> dict[str, Any]:
    """Measure a warm start (kernels cached)."""
    del data
    figures: list[tuple[float, float, float]] = []
    for _ in range(4):
        with tempfile.TemporaryDirectory() as folder:
            process, _, listening, ready = start(folder)
            time.sleep(IDLE)
            figures.append((listening, ready, resident_mib(process.pid)))
            process.terminate()
            process.wait()
    listening, ready, memory = sorted(figures[1:])[1]
    return {
        "listening_seconds": round(listening, 2),
        "ready_seconds": round(ready, 2),
        "idle_resident_mib": round(memory),
        "installed_mib": round(installed_mib()),
    }
