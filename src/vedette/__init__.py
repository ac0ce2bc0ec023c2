"""Vedette watches applications, learns what is normal and reports few, explained incidents."""

from typing import Any

__version__ = "0.1.0"

__all__ = ["score"]


def __getattr__(name: str) -> Any:
    """Load `score`, with the compiled kernels behind it, at its first use only."""
    if name == "score":
        from vedette.scoring.kinds import score

        return score
    raise AttributeError(f"module 'vedette' has no attribute {name!r}")
