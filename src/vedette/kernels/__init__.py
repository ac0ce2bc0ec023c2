"""The only compiled code: numba loops over bytes and arrays, each with its slow oracle in ``tests/oracles``.

Kernels compile at their first call and are cached on disk; `warm` does so ahead of time.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CDLL
from importlib import import_module
from os import environ
from typing import Final

M_ARENA_MAX: Final = -8
"""glibc's malloc.h."""

WARM: Final = (
    "vedette.kernels.texts",
    "vedette.kernels.pairs",
    "vedette.kernels.ints",
    "vedette.kernels.template",
    "vedette.kernels.time",
)
"""Modules whose `warm` compiles their kernels; the rest is compiled by running a small pipeline."""


def quiet_threads() -> None:
    """Keep libraries to one thread and little memory each, before they are imported: the work is in our own loops.

    Two malloc arenas instead of eight a core, and no allocator of Arrow's own: 10 MB less when idle.
    """
    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "ARROW_NUM_THREADS"):
        environ.setdefault(name, "1")
    environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    limit = getattr(CDLL(None), "mallopt", None)  # glibc's; other C libraries have no arenas to limit
    if limit is not None:
        limit(M_ARENA_MAX, 2)


def warm(progress: Callable[[int, int], None]) -> None:
    """Compile or load every kernel; `progress` is told ``(done, total)`` after each module."""
    for done, name in enumerate(WARM, 1):
        import_module(name).warm()
        progress(done, len(WARM))
