"""``python -m bench NAME [--data DIR]``: runs one benchmark, or ``all``; prints one JSON line each.

``floors`` ends with 1 where a figure has slipped; ``plots`` draws the pictures of ``docs/detection.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import floors, plots

NAMES = {
    "logs": "faulty sessions and template grouping of log lines",
    "templates": "template mining beside drain3",
    "path": "the whole path, journal to Parquet, beside a per-event chain",
    "million": "vedette watch on a million access-log lines, beside goaccess",
    "start": "time to listen, idle memory, installed size",
    "access": "false incidents on real access logs",
    "nab": "the Numenta Anomaly Benchmark, standard profile",
    "watched": "NAB as the live product watches it: anomalies told of, false incidents",
    "alerts": "attack phases notified among other tools' alerts",
    "drift": "lasting changes found, falsely announced, and outlived",
    "kpi": "web KPIs under a budget of alerts",
    "vusit": "VUS-PR on single IT metrics",
    "traces": "root cause and detection on Nezha's traces",
    "live": "root cause on Nezha's traces in the live shard, and what it needs for a span",
    "petshop": "root cause on PetShop's totals and graph of calls",
    "http": "payloads and near misses, beside two simple baselines; false findings on real logs",
    "pack": "our own rules: false matches on real logs, attacks and near misses, audit events",
    "tabular": "AUROC on the ADBench tables, beside an isolation forest",
    "vectors": "VUS-PR on multivariate series, beside k-means",
    "forest": "half-space trees beside river",
    "context": "sales, learned lifts and deploys of the shop, announced and not, over five seeds",
    "bank": "a bank's new user interface: accuracy before, on and after its day, with and without drift noticed",
    "fortnight": "twelve days of the shop, two troubles a day that nobody judges: found, and false alarms",
    "outage": "thousands of services that deviate in one window: the cost of a finding",
    "tools": "sqlmap, ffuf and gobuster against the bundled shop; odd but harmless visitors",
    "sigma": "Sigma: every rule of SigmaHQ, like SQLite and beside its speed; techniques on recorded attacks",
    "indicators": "indicators looked up in log events, by length of the list, beside Python sets",
    "users": "users and accounts beside a red team's insertions",
    "contract": "false incidents a day against the ceiling, and faults found",
    "joint": "numbers that go together: false incidents and faults found, with and without their judge",
    "baseline": "seasonal baseline updates beside river",
    "series": "a million series at one sample a minute: share of a core, bytes a series",
    "small": "users, faults and series of small simulations: a minute, and no data",
}


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("name", choices=[*NAMES, "all", "floors", "plots"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="floors: of these benchmarks")
    parser.add_argument("--json", action="store_true", help="accepted; the output is always JSON")
    options = parser.parse_args()
    if options.name == "floors":
        result = floors.run(options.data, options.only)
        print(json.dumps({"benchmark": "floors", **result}), flush=True)
        return 1 if result["slipped"] else 0
    if options.name == "plots":
        print(json.dumps({"benchmark": "plots", "files": plots.draw()}))
        return 0
    for name in NAMES if options.name == "all" else [options.name]:
        run: Callable[[Path], dict[str, Any]] = import_module(f"bench.{name}").run
        print(json.dumps({"benchmark": name, **run(options.data)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
