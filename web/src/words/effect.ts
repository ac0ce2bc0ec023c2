// What a verdict does, in words: the same numbers before and after it is confirmed.
import type { Effect, Verdict } from '../api/types';
import { counted } from './numbers';

/** Return what a verdict hides of the past days. */
export function hiding(verdict: Verdict, effect: Effect | null): string {
  if (!effect) {
    return verdict === 'real'
      ? 'Real hides nothing: what this is made of never becomes usual, and a later verdict that would hide it is refused.'
      : '';
  }
  const { days, hidden_findings: findings, hidden_incidents: gone, incidents_before: before, incidents_after: after } = effect;
  const past = `Of the past ${days} days it would have hidden ${counted(findings, 'finding')}`;
  return `${past} and ${gone.length} of ${counted(before, 'incident')}; ${after} would have stayed.`;
}

/** Return what becomes of known true positives. */
export function kept(effect: Effect): string {
  if (!effect.judged_real) return 'No incident was judged real yet, so none can be lost.';
  if (effect.judged_real === 1) return 'The one incident that was judged real stays whole.';
  return `All ${effect.judged_real} incidents that were judged real stay whole.`;
}

/** Return what becomes of true positives that it takes findings from; `lost` of them would be gone. */
export function touching(effect: Effect, lost: number): string {
  const of = `of ${counted(effect.judged_real, 'incident')} judged real`;
  const touched = effect.real.length;
  if (!lost) return `It takes findings from ${touched} ${of}, which would have stayed:`;
  if (lost === touched) return `It would have hidden ${lost} ${of}:`;
  return `It takes findings from ${touched} ${of}, and would have hidden ${lost} of them:`;
}
