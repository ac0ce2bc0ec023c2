// What stands for a technique, in marks and words; only a proof makes it proved.
import type { Matrix, Technique } from '../api/types';
import { counted } from './numbers';
import { lasting } from './time';

export type State = Technique['state'];

interface Words {
  name: string;
  mark: string;
  meaning: string;
}

export const STATES: Record<State, Words> = {
  proved: { name: 'proved', mark: '■', meaning: 'it was played, and found' },
  missed: { name: 'missed', mark: '✕', meaning: 'it was played, and not found' },
  stale: { name: 'stale', mark: '◪', meaning: 'its proof is too old, or of other rules or another release' },
  unproved: { name: 'never proved', mark: '□', meaning: 'a rule or a learned detector claims it, nobody tried' },
  none: { name: 'nothing', mark: '·', meaning: 'no rule and no learned detector names it' },
};

export const USUAL: readonly State[] = ['proved', 'missed', 'stale', 'unproved'];

export interface Column {
  key: string;
  id: string;
  name: string;
  cells: { technique: Technique; label: string; isUnder: boolean }[];
}

/** Return the states that an address asks for; the usual ones for none. */
export function statesOf(text: string | undefined): readonly State[] {
  const named = (text ?? '').split(',').filter((name): name is State => Object.hasOwn(STATES, name));
  return named.length ? named : USUAL;
}

/** Return how many techniques are in each state. */
export function tally(techniques: readonly Technique[]): Record<State, number> {
  const found: Record<State, number> = { proved: 0, missed: 0, stale: 0, unproved: 0, none: 0 };
  for (const technique of techniques) found[technique.state] += 1;
  return found;
}

/** Return the columns of the tactics with the techniques of some states; a sub-technique follows its technique. */
export function columnsOf(matrix: Matrix, states: readonly State[]): Column[] {
  const chosen = matrix.techniques
    .filter((one) => states.includes(one.state))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const ids = new Set(chosen.map((one) => one.id));
  return matrix.tactics.map((tactic) => ({
    ...tactic,
    cells: chosen
      .filter((one) => one.tactics.includes(tactic.key))
      .map((technique) => {
        const isUnder = technique.parent !== technique.id && ids.has(technique.parent);
        return { technique, label: isUnder ? technique.name : technique.title, isUnder };
      }),
  }));
}

/** Return what stands for a technique, shortly. */
export function standing(technique: Technique): string {
  const seconds = Math.max(...technique.proofs.filter((one) => !one.stale).map((one) => one.seconds ?? 0), 0);
  const facts = [
    technique.state === 'proved' ? `in ${lasting(seconds)}` : '',
    technique.rule_count ? counted(technique.rule_count, 'rule') : '',
    technique.detectors.length ? 'learned' : '',
    technique.incidents ? counted(technique.incidents, 'incident') : '',
    technique.state !== 'none' && !technique.data ? 'no data' : '',
  ];
  return facts.filter(Boolean).join(' · ');
}

/** Return what became of the last canary. */
export function canaryWords(matrix: Matrix): string {
  const { canary, canary_every_seconds: every } = matrix;
  if (!canary && !every) return 'Canaries are off: nothing tests the way in between two proofs. Set canary.every, such as "1h".';
  if (!canary) return `Canaries are sent every ${lasting(every)}; none came back yet.`;
  const off = every ? '' : ' Canaries were switched off since.';
  if (!canary.missed.length) return `Noticed by ${canary.tested.join(' and ')} within ${lasting(canary.seconds)}.${off}`;
  return `Not noticed by ${canary.missed.join(' and ')}.${off}`;
}
