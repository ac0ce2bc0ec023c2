// Where something is, in words.

import { shown } from './safe';

/** Return a segment, with what its service is to the others behind it, as it may be shown. */
export function placeOf(one: { segment: string; tier: string }): string {
  const segment = one.segment || 'everywhere';
  return shown(one.tier ? `${segment} · ${one.tier}` : segment);
}
