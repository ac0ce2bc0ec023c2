import { describe, expect, it } from 'vitest';

import { incident } from '../testing';
import { matches, merged } from './merge';

const OPEN = { state: ['firing'] };

describe('matches', () => {
  it.each([
    [{}, OPEN, true],
    [{ phase: 'resolved' as const }, OPEN, false],
    [{ phase: 'resolved' as const }, { state: ['firing', 'resolved'] }, true],
    [{}, { ...OPEN, severity: ['low'] }, false],
    [{}, { ...OPEN, severity: ['low', 'high'] }, true],
    [{}, { ...OPEN, severity: [] }, true],
    [{}, { ...OPEN, segment: 'web' }, true],
    [{}, { ...OPEN, segment: 'api' }, false],
    [{}, { ...OPEN, segment: '' }, true],
    [{ tier: 'database' }, { ...OPEN, tier: 'database' }, true],
    [{ tier: 'cache' }, { ...OPEN, tier: 'database' }, false],
    [{}, { ...OPEN, tier: '' }, true],
    [{}, { ...OPEN, until: '2026-11-24T09:00:00.000Z' }, false],
    [{}, { ...OPEN, since: '2026-11-24T12:00:00.000Z' }, true],
    [{ ended_at: '2026-11-24T09:30:00.000Z' }, { ...OPEN, since: '2026-11-24T12:00:00.000Z' }, false],
  ])('%j in %j: %s', (change, filter, belongs) => {
    expect(matches(incident(change), filter)).toBe(belongs);
  });
});

describe('merged', () => {
  const [old, older] = [
    incident({ id: 'b', started_at: '2026-11-24T08:00:00.000Z' }),
    incident({ id: 'c', started_at: '2026-11-24T07:00:00.000Z' }),
  ];

  it('changes in place', () => {
    const changed = { ...older, score: 99 };
    expect(merged([old, older], changed, true)).toEqual([old, changed]);
  });

  it('keeps what a change does not say', () => {
    const { verdict, ...changed } = incident({ id: 'b', score: 99, verdict: null });
    expect(verdict).toBeNull();
    expect(merged([{ ...old, verdict: 'noise' }], changed as typeof old, true)[0]).toMatchObject({ verdict: 'noise', score: 99 });
  });

  it('takes out what no longer belongs', () => {
    expect(merged([old, older], old, false)).toEqual([older]);
  });

  it('adds by start, newest first', () => {
    const ids = (start: string): string[] =>
      merged([old, older], incident({ id: 'new', started_at: start }), true).map((item) => item.id);
    expect(ids('2026-11-24T09:00:00.000Z')).toEqual(['new', 'b', 'c']);
    expect(ids('2026-11-24T07:30:00.000Z')).toEqual(['b', 'new', 'c']);
    expect(ids('2026-11-24T06:00:00.000Z')).toEqual(['b', 'c', 'new']);
  });

  it('leaves out what does not belong', () => {
    expect(merged([old], incident({ id: 'x' }), false)).toEqual([old]);
  });

  it('does not grow without end', () => {
    const many = Array.from({ length: 200 }, (_, number) => incident({ id: String(number) }));
    expect(merged(many, incident({ id: 'new', started_at: '2026-11-24T10:00:00.000Z' }), true)).toHaveLength(200);
  });
});
