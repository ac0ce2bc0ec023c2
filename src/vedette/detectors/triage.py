"""`triage`: which alerts of other tools deserve a person?"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels import triage as kernel

DAY: Final = 86_400.0
HOUR: Final = 3600.0

LEARN: Final = DAY
"""Seconds before anything is told: one daily rhythm."""
VISIT: Final = 600.0
RARE: Final = 2.0
"""Visits of ten minutes a day up to which an alert is rare on its host. 1 to 3 were tried: they move false
notifications between 1.2 and 3.3 a day."""
SPAN: Final = 1800.0
"""Seconds within which alerts belong to one story: an intruder's steps follow within minutes."""
NEED: Final = 5.0
"""Evidence that is told of: three alerts new to the site within half an hour, or more that are new to a host or rare. 2
to 5 were tried: fewer false ones with more, and hardly a phase less."""
AGAIN: Final = HOUR
APART: Final = 20.0
QUIET: Final = HOUR
"""An incident ends with an hour in which nothing is told."""

Floats = NDArray[np.float64]


def triage(times: Floats, names: NDArray[np.int64], pairs: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return each alert's evidence, and which are told; row i depends on rows up to i only.

    Notes
    -----
    What tools raise all day is usual, whatever its severity: its names and hosts are learned. Evidence is what the site
    has never had, what this host has never had and what it has rarely, and is added over half an hour: one such
    alert is an oddity, several kinds of them together are a story.

    It works where tools name what they see. **It fails** where an attack raises only usual alerts, however many (rates
    are the baseline's business), in the first day, and where new software brings many new alerts at once.

    Parameters
    ----------
    times
        Epoch seconds, in order, shape ``(n,)``.
    names, pairs
        Numbers from 0 of names, and of names on hosts.

    Cost: 0.05 µs a usual alert, 0.3 µs a rare one; 24 bytes a pair.
    """
    settings = np.empty(kernel.SETTINGS)
    settings[kernel.LEARN], settings[kernel.VISIT], settings[kernel.RARE] = LEARN, VISIT, RARE
    settings[kernel.SPAN], settings[kernel.NEED] = SPAN, NEED
    settings[kernel.AGAIN], settings[kernel.APART] = AGAIN, APART
    evidence, told = np.empty(len(times)), np.empty(len(times), np.bool_)
    kernel.triage(times, names, pairs, settings, evidence, told)
    return evidence, told
