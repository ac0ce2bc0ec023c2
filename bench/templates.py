"""Template mining speed: CPU time for a million real lines, beside drain3 with masks on a share of them."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

from vedette.features.templates import Templates

REPEATS: Final = 60
BATCH: Final = 10_000
THEIRS: Final = 16_000
FLOORS: Final = {"lines_per_second": 3e6, "times_drain3": 30}
MASKS: Final = (
    (r"(?<=[^A-Za-z0-9])(\d{1,3}(\.\d{1,3}){3}(:\d+)?)(?=[^A-Za-z0-9]|$)", "IP"),
    (r"(?<=[^A-Za-z0-9])(0x[a-f0-9A-F]+)(?=[^A-Za-z0-9]|$)", "HEX"),
    (r"(?<=[^A-Za-z0-9])([\-\+]?\d+)(?=[^A-Za-z0-9]|$)", "NUM"),
)


def run(data: Path) -> dict[str, Any]:
    """Measure both on the same lines."""
    table = pq.read_table(data / "logs" / "loghub2k_templates.parquet", columns=["message"])
    lines = pa.concat_arrays(table["message"].chunks).cast(pa.string())
    Templates().assign(lines[:10])
    templates = Templates()
    cold = _seconds(templates, lines, 1)
    warm = _seconds(templates, lines, REPEATS)
    ours, theirs = len(lines) * REPEATS / warm, _drain3(lines.slice(0, THEIRS).to_pylist())
    return {
        "lines_per_second": round(ours),
        "lines_per_second_cold": round(len(lines) / cold),
        "bytes_per_line": round(lines.nbytes / len(lines)),
        "drain3_lines_per_second": round(theirs),
        "times_drain3": round(ours / theirs, 1),
        "floors": FLOORS,
    }


def _seconds(templates: Templates, lines: pa.Array, repeats: int) -> float:
    began = process_time()
    for _ in range(repeats):
        for first in range(0, len(lines), BATCH):
            templates.assign(lines.slice(first, BATCH))
    return process_time() - began


def _drain3(lines: list[str]) -> float:
    """Return the lines per second of drain3 once it knows them."""
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in MASKS]
    miner = TemplateMiner(config=config)
    for line in lines:
        miner.add_log_message(line)
    began = process_time()
    for line in lines:
        miner.add_log_message(line)
    return len(lines) / (process_time() - began)
