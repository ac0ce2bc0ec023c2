"""The only compiled code: numba loops over bytes and arrays, each with its slow oracle in ``tests/oracles``.

Kernels compile at their first call and are cached on disk; `warm` does so ahead of time.
"""

from __future__ import annotations

import gc
from ctypes import CDLL, c_size_t, c_void_p
from importlib import import_module
from os import environ
from pathlib import Path
from typing import Final

M_ARENA_MAX: Final = -8
"""glibc's malloc.h."""

MADV_PAGEOUT: Final = 21
"""Linux's mman.h, since 5.4."""

LINES: Final = ("texts", "suspects", "ids", "time", "lines", "targets")
SHARD: Final = ("pairs", "ints", "template", "values", "vocabulary", "paths", "calls", "triage")
"""Modules whose `warm` compiles their kernels: those that decoding text needs, and those of the shard. What is
missing here is compiled by running a small pipeline."""


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


def warm(name: str) -> None:
    """Compile or load the kernels of one module."""
    import_module(f"{__name__}.{name}").warm()


def settle() -> None:
    """Tell Python's collector that what is loaded stays, so that it does not look through it again and again.

    A full collection goes through some 150,000 objects of imported modules, which costs 80 ms: 0.3 µs an event
    in the path's benchmark.
    """
    gc.collect()
    gc.freeze()


def release_compiler() -> None:
    """Let the system take back the pages of the compiler's code, which a server that runs does not touch again.

    Loading kernels has read most of LLVM's 130 MB; they come back from disk should one be needed. Does
    nothing where the system has no such call.
    """
    maps = Path("/proc/self/maps")
    advise = getattr(CDLL(None), "madvise", None)
    if advise is None or not maps.exists():
        return
    for line in maps.read_text().splitlines():
        span, access, *_, name = line.split()
        if "llvmlite" in name and "w" not in access:
            start, end = (int(place, 16) for place in span.split("-"))
            advise(c_void_p(start), c_size_t(end - start), MADV_PAGEOUT)
