"""``python -m bench NAME [--data DIR]``: runs one benchmark, or ``all``; prints one JSON line each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

NAMES = {
    "path": "the whole path, journal to Parquet, beside a per-event chain",
    "million": "vedette watch on a million access-log lines, beside goaccess",
    "start": "time to listen, idle memory, installed size",
    "access": "false incidents on real access logs",
    "baseline": "seasonal baseline updates beside river",
}


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", action="store_true", help="accepted; the output is always JSON")
    options = parser.parse_args()
    for name in NAMES if options.name == "all" else [options.name]:
        run: Callable[[Path], dict[str, Any]] = import_module(f"bench.{name}").run
        print(json.dumps({"benchmark": name, **run(options.data)}), flush=True)


if __name__ == "__main__":
    main()
