// What a chart says, in one sentence.
import type { Series } from '../api/types';
import { amount, span } from '../words/numbers';
import { FROM } from '../words/severity';
import { clock, type Zone } from '../words/time';

/** Return the row that matters most: the unusual one farthest from what was expected, else the latest with a value. */
export function tellingRow(series: Series): number {
  let [best, farthest] = [-1, -1];
  series.score.forEach((score, row) => {
    const distance = Math.abs((series.actual[row] ?? NaN) - (series.expected[row] ?? 0));
    if ((score ?? -1) < FROM.low || !(distance > farthest)) return;
    [best, farthest] = [row, distance];
  });
  return best >= 0 ? best : series.actual.findLastIndex((value) => value !== null);
}

/** Return `1.84 s at 21:14, expected 290–405 ms`. */
export function rowWords(series: Series, row: number, zone: Zone): string {
  const time = series.t[row];
  if (time === undefined) return 'no data in this time';
  const value = `${amount(series.actual[row], series.unit)} at ${clock(time * 1000, zone)}`;
  const [lower, upper] = [series.lower[row], series.upper[row]];
  if (lower === null || lower === undefined) return `${value}; its band is still being learned`;
  return `${value}, expected ${span(lower, upper, series.unit)}`;
}
