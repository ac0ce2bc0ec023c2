"""The shape of a state at rest: nested dicts of arrays and plain values. Nothing is pickled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Leaf = NDArray[Any] | np.generic | str | bytes | int | float | bool | None | list[Any]
"""An array of a numeric dtype, a scalar, text, bytes, or a JSON-able list."""
Tree = dict[str, Any]
"""``{name: Leaf | Tree}``; names are text without ``/``."""
