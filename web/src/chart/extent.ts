// How far the y axis of a band chart reaches, and what lies beyond it.
import type { Series } from '../api/types';

export interface Extent {
  low: number;
  high: number;
}

/** A run of neighbouring points beyond the axis, named by its farthest. */
export interface Excess {
  /** Rows of the run, both ends in it. */
  from: number;
  to: number;
  value: number;
  above: boolean;
}

type Numbers = readonly (number | null)[];

/** Heights of the band that the fitted axis leaves above and below it. */
const MARGIN = 0.6;

/** Heights of the band up to which nothing is cut off. */
const TOLERATED = 1.5;

/** Return the extent of all that is drawn. */
export function fullExtent(series: Series): Extent {
  return padded(extentOf([series.actual, series.lower, series.upper, series.expected]) ?? { low: 0, high: 1 });
}

/** Return the extent of the band with some room, or the full one where little or nothing is beyond it. */
export function fittedExtent(series: Series): Extent {
  const full = fullExtent(series);
  const band = extentOf([series.lower, series.upper, series.expected]);
  if (!band) return full;
  const height = band.high - band.low || Math.abs(band.high) || 1;
  const high = full.high > band.high + TOLERATED * height ? band.high + MARGIN * height : full.high;
  const low = full.low < band.low - TOLERATED * height ? band.low - MARGIN * height : full.low;
  return { low, high };
}

/** Return the runs of points that the extent cuts off. */
export function excesses(actual: Numbers, extent: Extent): Excess[] {
  const runs: Excess[] = [];
  actual.forEach((value, row) => {
    if (value === null || (value <= extent.high && value >= extent.low)) return;
    const above = value > extent.high;
    const last = runs[runs.length - 1];
    if (last?.to !== row - 1 || last.above !== above) {
      runs.push({ from: row, to: row, value, above });
      return;
    }
    last.to = row;
    last.value = above ? Math.max(last.value, value) : Math.min(last.value, value);
  });
  return runs;
}

function extentOf(columns: readonly Numbers[]): Extent | null {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) {
    for (const value of column) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? { low, high } : null;
}

/** Leave a little room, and let what starts near zero start at zero. */
function padded({ low, high }: Extent): Extent {
  const height = high - low || Math.abs(high) || 1;
  const floor = low >= 0 && low < 0.5 * height ? 0 : low - 0.05 * height;
  return { low: floor, high: high + 0.05 * height };
}
