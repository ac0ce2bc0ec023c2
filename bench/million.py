"""``vedette watch`` on a million access-log lines with one guessing burst, beside goaccess on the same file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from vedette.simulate.access_log import write_access_log

LINES = 1_000_000


def timed(words: list[str]) -> tuple[str, float, float]:
    """Run a command; return its output, CPU seconds, and highest memory in MiB."""
    code = (
        "import resource, subprocess, sys;"
        "out = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=True).stdout;"
        "use = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(use.ru_utime + use.ru_stime, use.ru_maxrss / 1024); print(out)"
    )
    text = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True).stdout
    figures, _, output = text.partition("\n")
    cpu, memory = figures.split()
    return output, float(cpu), float(memory)


def run(data: Path) -> dict[str, Any]:
    """Return CPU seconds and memory of both, and what was found."""
    del data
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        burst = write_access_log(path, LINES)
        words = [sys.executable, "-m", "vedette.cli.main", "watch", str(path), "--no-follow", "--json"]
        timed(words)
        output, cpu, memory = timed(words)
        peer = _goaccess(path)
    found = json.loads(output)
    assert burst is not None
    return {
        "lines": found["summary"]["lines"],
        "incidents": [one["title"] for one in found["incidents"]],
        "burst_found": any("T1110" in one["techniques"] for one in found["incidents"]),
        "cpu_seconds": round(cpu, 2),
        "peak_mib": round(memory),
        "lines_per_cpu_second": round(LINES / cpu),
        **peer,
    }


def _goaccess(path: Path) -> dict[str, Any]:
    if shutil.which("goaccess") is None:
        return {"goaccess": "not installed (apt-get install goaccess)"}
    out = str(path.with_suffix(".json"))
    _, cpu, memory = timed(["goaccess", str(path), "--log-format=COMBINED", "-o", out, "--no-progress"])
    return {"goaccess_cpu_seconds": round(cpu, 2), "goaccess_peak_mib": round(memory)}
