"""Where the numbers of a series are kept, and the constants of its model."""

from __future__ import annotations

from math import sqrt
from typing import Final

COUNT, RATIO, DURATION, SIZE, DISTINCT, GAUGE = 0, 1, 2, 3, 4, 5

SEEN, LAST, WIDTH, MEAN, LEVEL, RECENT = 0, 1, 2, 3, 4, 5
DAILY_UP, DAILY_DOWN, WEEKLY_UP, WEEKLY_DOWN, RECENT_UP, RECENT_DOWN = 6, 7, 8, 9, 10, 11
SPREAD_A, SPREAD_B, LIMIT, WEIGHT, TRIALS = 12, 13, 14, 15, 16
RUN, RUN_MEAN, VISIT, VISIT_HIGH, VISIT_LOW, SHIFTED, WINDOWS = 17, 18, 19, 20, 21, 22, 23
AWAY_UP, AWAY_DOWN, LEVEL_RUN = 24, 25, 26
NUMBERS: Final = 27
"""Numbers of a series, float64: seconds of history, last window, its width; the model in the order in
which `forecast` adds it up; numerators and denominators of the three coefficients; spread; the run of
deviations; the highest and lowest of the present visit to a bucket; when a shift was accepted last;
windows observed; spread around the base, without the recent deviation; how long the level has been far off."""

DAYS: Final = 48
"""Half-hour buckets of a day."""
WEEKS: Final = 56
"""Three-hour buckets of a week."""
WEEK_AT, HIGH_AT, LOW_AT = DAYS, DAYS + WEEKS, 2 * DAYS + WEEKS
BUCKETS: Final = 3 * DAYS + WEEKS
"""Seasons of a series, float32, NaN where never visited: by day, by week, highest and lowest by day."""

DAY: Final = 86_400.0
WEEK: Final = 7 * DAY
HALF_HOUR: Final = 1800.0
THREE_HOURS: Final = 10_800.0
GAP: Final = 3600.0
"""Seconds of history that a gap counts for at most: silence of a source is not evidence."""
LN10: Final = 2.302585092994046
YOUNG: Final = 30.0
"""Observed windows until what was learned outweighs what is imagined of a young series."""
BURST_COUNT: Final = 30.0
"""Events by which a young series may burst: one page with its files."""
BURST_DISTINCT: Final = 10.0
T_SCALE: Final = sqrt(4.0 / 6.0)
"""Scale of Student's t with 6 degrees of freedom in standard deviations; its 99 % band; the normal's."""
T_BAND: Final = 3.707
Z_BAND: Final = 2.576

LEVEL_MEMORY, MEAN_MEMORY, SPREAD_MEMORY, RECENT_MEMORY = 0, 1, 2, 3
DAILY_MEMORY, WEEKLY_MEMORY, PEAK_MEMORY, ACCEPT_AFTER, PROOF, DRIFT_AFTER = 4, 5, 6, 7, 8, 9
"""Places of the memory's lengths: seconds, except the three in visits to a bucket."""

HARDLY = 1.0
"""Decades beyond the rank of what other days had that are hardly more: a quarter."""
