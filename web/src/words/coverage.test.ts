import { describe, expect, it } from 'vitest';

import { matrix, technique } from '../testing';
import { canaryWords, columnsOf, standing, statesOf, tally, USUAL } from './coverage';

const parent = technique({ id: 'T1110', name: 'Brute Force', title: 'Brute Force', state: 'unproved' });
const under = technique({
  id: 'T1110.003', name: 'Password Spraying', title: 'Brute Force: Password Spraying', parent: 'T1110', state: 'proved',
});
const other = technique({ id: 'T1078', tactics: ['persistence', 'credential-access'], state: 'missed' });

describe('columnsOf', () => {
  it('puts a technique into each of its tactics, and a sub-technique under its technique', () => {
    const [first, second] = columnsOf(matrix({ techniques: [under, parent, other] }), USUAL);
    expect(first!.cells.map((one) => one.technique.id)).toEqual(['T1078']);
    expect(second!.cells.map((one) => [one.label, one.isUnder])).toEqual([
      ['T1078', false],
      ['Brute Force', false],
      ['Password Spraying', true],
    ]);
  });

  it('names the technique of a sub-technique that stands alone', () => {
    const columns = columnsOf(matrix({ techniques: [under, parent] }), ['proved']);
    expect(columns[1]!.cells.map((one) => one.label)).toEqual(['Brute Force: Password Spraying']);
  });
});

describe('standing', () => {
  it('says the time only of what is proved', () => {
    const proof = { seconds: 30, stale: '' };
    const proofs = [proof] as never;
    expect(standing(technique({ state: 'proved', proofs, rule_count: 2 }))).toBe('in 30 s · 2 rules');
    expect(standing(technique({ state: 'missed', proofs }))).toBe('');
  });

  it('says that a claim has no data, and nothing where nothing stands', () => {
    expect(standing(technique({ state: 'unproved', data: false, rule_count: 1 }))).toBe('1 rule · no data');
    expect(standing(technique({ state: 'none', data: false }))).toBe('');
  });
});

describe('the states of an address', () => {
  it('are the usual ones where none is named', () => {
    expect([statesOf(undefined), statesOf('constructor')]).toEqual([USUAL, USUAL]);
    expect(statesOf('none,missed,x')).toEqual(['none', 'missed']);
  });

  it('are counted', () => {
    expect(tally([parent, under, other])).toEqual({ proved: 1, missed: 1, stale: 0, unproved: 1, none: 0 });
  });
});

describe('canaryWords', () => {
  const found = { at: 1, tested: ['rules'], missed: [], seconds: 41 };
  it.each([
    [null, 0, /are off/],
    [null, 3600, /every 60 min; none came back/],
    [found, 3600, /^Noticed by rules within 41 s\.$/],
    [{ ...found, missed: ['rules'] }, 3600, /^Not noticed by rules\.$/],
    [found, 0, /switched off since/],
  ])('says %j of one every %d s', (canary, every, words) => {
    expect(canaryWords(matrix({ canary, canary_every_seconds: every }))).toMatch(words);
  });
});
