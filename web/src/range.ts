// The stretch of time that a view shows.
import type { Range } from './api/client';
import type { Status } from './api/types';
import { RANGES } from './route';

/** Milliseconds by which data may lag behind before a view ends at the data, not now: history was read in. */
const HISTORY = 86_400_000;

/** Return the stretch that a range names, ending now, or at the latest data where that is long ago. */
export function rangeOf(name: string, status: Status): Required<Range> {
  const now = Date.parse(status.now);
  const latest = status.data_to === null ? now : Date.parse(status.data_to);
  const until = now - latest > HISTORY ? latest + 1 : now;
  return between(until - RANGES[name]! * 1000, until);
}

/** Return the stretch between two times in ms. */
export function between(since: number, until: number): Required<Range> {
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
}

/** Return the stretch around an incident that shows what came before and after. */
export function around(startedAt: string, endedAt: string, now: number): Required<Range> {
  const [start, end] = [Date.parse(startedAt), Date.parse(endedAt)];
  const length = Math.max(end - start, 600_000);
  return between(start - 3 * length, Math.min(end + length, Math.max(now, end)));
}
