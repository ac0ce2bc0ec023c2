import { describe, expect, it } from 'vitest';

import { series } from '../testing';
import { excesses, fittedExtent, fullExtent } from './extent';
import { rowWords, tellingRow } from './summary';

describe('extent', () => {
  it('covers line and band with a little room', () => {
    const full = fullExtent(series([2, 9]));
    expect(full.low).toBe(0);
    expect(full.high).toBeGreaterThan(9);
  });

  it('does not start at zero where that would flatten the line', () => {
    const band = { lower: [99], upper: [103], expected: [101] };
    expect(fullExtent(series([100], band)).low).toBeGreaterThan(90);
  });

  it('reaches below zero where the line does', () => {
    expect(fullExtent(series([-2, 2])).low).toBeLessThan(-2);
  });

  it('is fitted to the band where a big anomaly would squash it', () => {
    const found = series([2, 40, 2]);
    expect(fittedExtent(found).high).toBeCloseTo(3 + 0.6 * 2);
    expect(fullExtent(found).high).toBeGreaterThan(40);
  });

  it('is fitted to the band from below, too', () => {
    const found = series([2, -40]);
    expect(fittedExtent(found).low).toBeCloseTo(1 - 0.6 * 2);
  });

  it('cuts nothing off that is near the band', () => {
    const found = series([2, 4.5]);
    expect(fittedExtent(found)).toEqual(fullExtent(found));
  });

  it('is the full one while there is no band', () => {
    const none = { lower: [null, null], upper: [null, null], expected: [null, null] };
    const found = series([2, 40], none);
    expect(fittedExtent(found)).toEqual(fullExtent(found));
  });

  it('is finite for a flat line and for nothing at all', () => {
    const flat = series([0, 0], { lower: [0, 0], upper: [0, 0], expected: [0, 0] });
    expect(fullExtent(flat).high).toBeGreaterThan(fullExtent(flat).low);
    expect(fullExtent(series([])).high).toBeGreaterThan(0);
  });
});

describe('excesses', () => {
  const extent = { low: 0, high: 5 };

  it('are runs, named by their farthest point', () => {
    expect(excesses([1, 9, 12, 7, 1, 6], extent)).toEqual([
      { from: 1, to: 3, value: 12, above: true },
      { from: 5, to: 5, value: 6, above: true },
    ]);
  });

  it('keep above and below apart', () => {
    expect(excesses([9, -4, -7], extent)).toEqual([
      { from: 0, to: 0, value: 9, above: true },
      { from: 1, to: 2, value: -7, above: false },
    ]);
  });

  it('end at a gap', () => {
    expect(excesses([9, null, 9], extent)).toHaveLength(2);
  });

  it('are none within the axis', () => {
    expect(excesses([0, 5, null], extent)).toEqual([]);
  });
});

describe('summary', () => {
  it('tells of the unusual point farthest from what was expected', () => {
    expect(tellingRow(series([2, 7, 9, 2], { score: [5, 90, 90, 5] }))).toBe(2);
  });

  it('tells of the latest point on a calm day', () => {
    expect(tellingRow(series([2, 2.5, null]))).toBe(1);
  });

  it('skips unusual points without a value', () => {
    expect(tellingRow(series([null, 4], { score: [99, 30] }))).toBe(1);
  });

  it('has words for a point, its band, and their lack', () => {
    const found = series([1.84, 2], { lower: [0.29, null], upper: [0.405, null] });
    expect(rowWords(found, 0, 'utc')).toBe('1.84 s at 21:00, expected 290–405 ms');
    expect(rowWords(found, 1, 'utc')).toBe('2 s at 21:01; its band is still being learned');
    expect(rowWords(series([]), -1, 'utc')).toBe('no data in this time');
  });
});
