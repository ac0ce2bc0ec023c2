"""Where the state of one series' small models lies: numbers, seasons, and what was kept of the past."""

from __future__ import annotations

from typing import Final

MODELS: Final = 9
NEAR: Final = 8
FAR: Final = 5
"""Features of the two regressions."""
SHORT: Final = 8
LONG: Final = 24
"""Rows of the stretches that the two nearest-neighbor models compare."""
NEIGHBORS: Final = 128
"""Stretches kept for each of them."""
DAY_SLOTS: Final = 288
WEEK_SLOTS: Final = 336
"""Slots of a day and of a week at most: five minutes, half an hour."""

ROWS: Final = 0
LAST: Final = 1
"""The value of the row before."""
MEAN, SQUARE, SEEN = 2, 3, 4
"""By which the series is standardized."""
DAY_SQUARE, DAY_COUNT, WEEK_SQUARE, WEEK_COUNT = 5, 6, 7, 8
RECENT: Final = 9
"""Average of a tenth of a day."""
TODAY: Final = 10
"""Average of a day."""
JUMP: Final = 11
SHIFT: Final = 14
"""Level, mean square and rows seen, of changes and of values."""
DRIFTING: Final = 17
LASTING: Final = 18
NEAR_SQUARE, NEAR_SEEN, FAR_SQUARE, FAR_SEEN = 19, 20, 21, 22
SHORT_KEPT, SHORT_RANDOM, LONG_KEPT, LONG_RANDOM = 23, 24, 25, 26
NEAR_WEIGHT: Final = 27
NEAR_INVERSE: Final = NEAR_WEIGHT + NEAR
FAR_WEIGHT: Final = NEAR_INVERSE + NEAR * NEAR
FAR_INVERSE: Final = FAR_WEIGHT + FAR
PAST: Final = FAR_INVERSE + FAR * FAR
"""The last standardized rows, oldest first."""
NUMBERS: Final = PAST + LONG
