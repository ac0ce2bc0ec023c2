// Where something is, in words.

import { shown } from './safe';

/** Return a segment, with what its service is to the others behind it, as it may be shown. */
export function placeOf(one: { segment: string; tier: string }): string {
  return shown(one.tier ? `${one.segment} · ${one.tier}` : one.segment);
}
