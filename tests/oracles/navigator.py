"""MITRE's own reader of Navigator layers, in the environment that ``make e2e-setup`` makes for it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

PYTHON: Final = Path(__file__).parents[2] / ".build" / "navigator" / "bin" / "python"
CODE: Final = (
    "import json, sys; from mitreattack.navlayers.core.layer import Layer;"
    "text = sys.stdin.read(); sys.stdout = sys.stderr; read = Layer(text, strict=sys.argv[1] == 'strict').layer;"
    "print(json.dumps(read.get_dict() if hasattr(read, 'get_dict') else None), file=sys.__stdout__)"
)


def read_layer(text: str, strict: bool = True) -> dict[str, Any] | None:
    """Return a layer as MITRE's library read it; None where it refused it."""
    if not PYTHON.exists():
        if os.environ.get("VEDETTE_REQUIRE_E2E"):
            pytest.fail("MITRE's reader is not here: make e2e-setup")
        pytest.skip("MITRE's reader is not here: make e2e-setup")
    done = subprocess.run(
        [PYTHON, "-c", CODE, "strict" if strict else ""], input=text, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] | None = json.loads(done.stdout)
    return found
