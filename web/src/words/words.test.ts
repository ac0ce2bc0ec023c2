import { describe, expect, it } from 'vitest';

import { sentence } from './sentence';
import { SEVERITIES, SHAPES, severityOf } from './severity';

describe('severityOf', () => {
  it.each([
    [-1, null],
    [24.9, null],
    [25, 'low'],
    [50, 'medium'],
    [69.9, 'medium'],
    [70, 'high'],
    [90, 'critical'],
    [100, 'critical'],
  ])('calls %d %s', (score, name) => {
    expect(severityOf(score)).toBe(name);
  });

  it('has a shape of its own for each', () => {
    expect(new Set(SEVERITIES.map((name) => SHAPES[name])).size).toBe(4);
  });
});

describe('sentence', () => {
  it('begins with a capital and ends with a mark', () => {
    expect([sentence('no disk'), sentence('Done.'), sentence('why?')]).toEqual(['No disk.', 'Done.', 'Why?']);
  });
});
