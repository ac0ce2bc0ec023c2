import { describe, expect, it } from 'vitest';

import type { Effect } from '../api/types';
import { hiding, kept, touching } from './effect';

const effect: Effect = {
  days: 30,
  hidden_findings: 12,
  hidden_incidents: [{ id: 'a', title: 'scan' }],
  incidents_before: 9,
  incidents_after: 8,
  real: [],
  judged_real: 2,
  until: '2026-12-26T10:00:00.000Z',
};

describe('hiding', () => {
  it('says how much of the past would be gone, and how much would stay', () => {
    expect(hiding('noise', effect)).toBe(
      'Of the past 30 days it would have hidden 12 findings and 1 of 9 incidents; 8 would have stayed.',
    );
  });

  it('says that real hides nothing', () => {
    expect(hiding('real', null)).toMatch(/^Real hides nothing/);
  });
});

describe('kept', () => {
  it.each([
    [0, /^No incident was judged real yet/],
    [1, /^The one incident .* stays whole/],
    [2, /^All 2 incidents .* stay whole/],
  ])('says what becomes of %d true positives', (judged_real, words) => {
    expect(kept({ ...effect, judged_real })).toMatch(words);
  });
});

describe('touching', () => {
  it.each([
    [['a'], 0, 'It takes findings from 1 of 2 incidents judged real, which would have stayed:'],
    [['a'], 1, 'It would have hidden 1 of 2 incidents judged real:'],
    [['a', 'b'], 1, 'It takes findings from 2 of 2 incidents judged real, and would have hidden 1 of them:'],
  ])('tells of %j, of which %d would be lost', (real, lost, words) => {
    expect(touching({ ...effect, real }, lost)).toBe(words);
  });
});
