"""The error tree: one branch for each party that can be at fault.

::

    VedetteError
    ├── ConfigError          the operator: refuse to start, list every problem at once
    ├── BadInput             the sender: to the dead letters with its reason, counted
    │   ├── Oversize         larger than the stated limit (after decompression)
    │   └── Unauthorized     no key, or one that is not known here
    ├── Backpressure         nobody: come back after ``retry_after`` seconds
    ├── StateCorrupt         the disk: set aside, retrain, tell
    └── DataInUse            a second process on the same data directory

Anything else that is raised is a bug of ours and stays loud.
"""

from __future__ import annotations

from collections.abc import Sequence


class VedetteError(Exception):
    """Everything that Vedette raises on purpose."""


class ConfigError(VedetteError):
    """What the operator wrote can't be used. Carries every problem, not just the first.

    Parameters
    ----------
    problems
        One line each, ``file:line key: got x, allowed y``.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class BadInput(VedetteError):
    """What a sender sent can't be read. Costs that record only."""

    def __init__(self, reason: str, *, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class Oversize(BadInput):
    """A payload or line beyond the stated limit, counted in decompressed bytes."""


class Unauthorized(BadInput):
    """A missing or unknown key."""


class Backpressure(VedetteError):
    """We can't take more now. Answered as 503 with ``Retry-After``, never 429."""

    def __init__(self, reason: str, retry_after: float) -> None:
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(f"{reason}; retry after {retry_after:g} s")


class StateCorrupt(VedetteError):
    """State at rest failed its version, size or checksum test."""


class DataInUse(VedetteError):
    """Another Vedette process holds the data directory."""
