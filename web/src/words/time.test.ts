import { describe, expect, it } from 'vitest';

import { absolute, ago, clock, day, lasting, tickLabels, zoneName } from './time';

const NOON = Date.parse('2026-11-24T12:00:00Z');
const HOUR = 3_600_000;

describe('ago', () => {
  it.each([
    [0, 'now'],
    [4000, 'now'],
    [14_000, '14 s ago'],
    [90_000, '2 min ago'],
    [3 * HOUR, '3 h ago'],
    [72 * HOUR, '3 days ago'],
    [-2000, 'now'],
    [-60_000, 'in 1 min'],
  ])('says %d ms as %s', (passed, words) => {
    expect(ago(NOON - passed, NOON)).toBe(words);
  });
});

describe('lasting', () => {
  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [7199, '120 min'],
    [7200, '2 h'],
    [172_800, '2 days'],
  ])('says %d s as %s', (seconds, words) => {
    expect(lasting(seconds)).toBe(words);
  });
});

describe('the clock', () => {
  it('has 24 hours, and midnight is 00:00', () => {
    expect(clock(Date.parse('2026-11-24T23:05:09Z'), 'utc')).toBe('23:05');
    expect(clock(Date.parse('2026-11-24T00:00:00Z'), 'utc', true)).toBe('00:00:00');
  });

  it('names the date only for other days', () => {
    expect(absolute(NOON - HOUR, NOON, 'utc')).toBe('11:00');
    expect(absolute(NOON - 13 * HOUR, NOON, 'utc')).toBe('Mon 23 Nov, 23:00');
    expect(absolute(NOON - 365 * 24 * HOUR, NOON, 'utc')).toBe('Mon 24 Nov, 12:00');
  });

  it('knows the zone that it shows', () => {
    expect(zoneName('utc')).toBe('UTC');
    expect(zoneName('local')).not.toBe('');
    expect(day(NOON, 'utc')).toBe('Tue 24 Nov');
  });
});

describe('the axis', () => {
  it('says the date where a day begins', () => {
    const times = [-6, 0, 6].map((hours) => Date.parse('2026-11-24T00:00:00Z') / 1000 + hours * 3600);
    expect(tickLabels(times, 'utc')).toEqual(['18:00', 'Tue 24 Nov', '06:00']);
  });

  it('says seconds only where ticks are closer than a minute', () => {
    expect(tickLabels([NOON / 1000, NOON / 1000 + 30], 'utc')).toEqual(['12:00:00', '12:00:30']);
    expect(tickLabels([NOON / 1000], 'utc')).toEqual(['12:00']);
  });

  it('says dates only where ticks are days apart', () => {
    expect(tickLabels([NOON / 1000, NOON / 1000 + 86_400], 'utc')).toEqual(['Tue 24 Nov', 'Wed 25 Nov']);
  });
});
