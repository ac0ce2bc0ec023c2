import { describe, expect, it } from 'vitest';

import { amount, count, counted, span } from './numbers';

describe('amount', () => {
  it.each([
    [1.84, 's', '1.84 s'],
    [0.29, 's', '290 ms'],
    [0.000_04, 's', '40 µs'],
    [0.000_000_04, 's', '0.04 µs'],
    [0, 's', '0 s'],
    [-0.5, 's', '-500 ms'],
    [0.061, '1', '6.1 %'],
    [2048, 'By', '2 KiB'],
    [0, 'By', '0 B'],
    [3 * 2 ** 30, 'By', '3 GiB'],
    [1204, '{request}', '1204'],
    [12_480, '{request}', '12.5 k'],
    [0.123_456, '', '0.123'],
  ])('says %d %s as %s', (value, unit, words) => {
    expect(amount(value, unit)).toBe(words);
  });

  it.each([null, undefined, Number.NaN, Infinity])('does not invent a number for %s', (value) => {
    expect(amount(value, 's')).toBe('unknown');
  });
});

describe('span', () => {
  it('says the unit once where both ends share it', () => {
    expect(span(0.29, 0.405, 's')).toBe('290–405 ms');
  });

  it('says both units where they differ', () => {
    expect(span(0.29, 1.5, 's')).toBe('290 ms – 1.5 s');
  });

  it('has no unit for counts', () => {
    expect(span(0, 3, '{request}')).toBe('0–3');
  });

  it('is one value where both ends are the same', () => {
    expect(span(2, 2, '1')).toBe('200 %');
  });
});

describe('count', () => {
  it.each([
    [999, '999'],
    [9999, '9999'],
    [10_000, '10 k'],
    [12_480, '12.5 k'],
    [1_005_557, '1.01 M'],
    [3e9, '3 G'],
    [-20_000, '-20 k'],
    [0, '0'],
  ])('shortens %d to %s', (value, words) => {
    expect(count(value)).toBe(words);
  });

  it('counts one and many', () => {
    expect([counted(1, 'event'), counted(2, 'event'), counted(3, 'entity', 'entities')]).toEqual([
      '1 event',
      '2 events',
      '3 entities',
    ]);
  });
});
