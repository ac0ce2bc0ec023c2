"""Compile all kernels, once for all processes, and say how far that is; silent where they are compiled."""

import sys

from vedette.engine.warm import warm


def show(done: int, total: int) -> None:
    """Show how many steps are done, on one line."""
    sys.stderr.write(f"\rcompiling kernels, once: {done} of {total}{chr(10) if done == total else ''}")
    sys.stderr.flush()


warm(show)
