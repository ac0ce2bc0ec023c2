"""False incidents on real access logs that hold nothing worth one, as far as anybody knows."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FILES = ("access_apache_real", "ait_access_harrison_benign")


def run(data: Path) -> dict[str, Any]:
    """Watch each file's lines and count incidents."""
    import polars as pl

    lines, incidents, unreadable = 0, list[str](), 0
    for name in FILES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.log"
            path.write_text("\n".join(pl.read_parquet(data / "http" / f"{name}.parquet")["line"].to_list()) + "\n")
            words = [sys.executable, "-m", "vedette.cli.main", "watch", str(path), "--no-follow", "--json"]
            found = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        lines += found["summary"]["lines"]
        unreadable += found["summary"]["unreadable"]
        incidents += [one["title"] for one in found["incidents"]]
    return {
        "lines": lines,
        "unreadable": unreadable,
        "incidents": incidents,
        "per_10000_lines": round(1e4 * len(incidents) / lines, 3),
    }
