import { describe, expect, it } from 'vitest';

import type { Status } from '../api/types';
import { status } from '../testing';
import { stepsOf } from './steps';

function states(found: Status): string[] {
  return stepsOf(found, 'http://here').map((step) => step.state);
}

function withSegments(ready: number, learning: number, change: Partial<Status> = {}): Status {
  const segments = { ready, learning, total: ready + learning };
  return status({ tiles: { ...status().tiles, segments }, ...change });
}

describe('stepsOf', () => {
  it('says what it waits for while starting', () => {
    const [listening] = stepsOf(status({ state: 'starting', message: 'compiling kernels 40 %' }), 'http://here');
    expect(listening).toMatchObject({ state: 'doing', words: 'compiling kernels 40 %' });
  });

  it('waits for the first event', () => {
    const empty = withSegments(0, 0, { state: 'learning' });
    empty.tiles.events_total = 0;
    expect(states(empty)).toEqual(['done', 'doing', 'waiting', 'waiting']);
    expect(stepsOf(empty, 'http://here')[0]?.words).toContain('http://here');
  });

  it('says how much is learned', () => {
    const learning = withSegments(14, 4, { state: 'learning' });
    expect(states(learning)).toEqual(['done', 'done', 'doing', 'waiting']);
    expect(stepsOf(learning, '')[2]).toMatchObject({ share: 14 / 18 });
    expect(stepsOf(learning, '')[2]?.words).toContain('14 of 18 segments');
  });

  it('is done when everything is watched', () => {
    expect(states(withSegments(4, 0))).toEqual(['done', 'done', 'done', 'done']);
    expect(stepsOf(withSegments(4, 0), '')[2]?.words).toBe('4 of 4 segments');
  });
});
