// Times as people say them: relative and absolute, 24-hour clock, in UTC or the viewer's zone.

export type Zone = 'utc' | 'local';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Return `5 min ago`; times in ms. */
export function ago(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  if (seconds < 0) return seconds > -5 ? 'now' : `in ${lasting(-seconds)}`;
  return seconds < 5 ? 'now' : `${lasting(seconds)} ago`;
}

/** Return a length of time in its largest sensible unit. */
export function lasting(seconds: number): string {
  if (seconds < MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} h`;
  return `${Math.round(seconds / DAY)} days`;
}

/** Return `21:10`, with seconds on request. */
export function clock(time: number, zone: Zone, seconds = false): string {
  const parts: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return format(time, zone, seconds ? { ...parts, second: '2-digit' } : parts);
}

/** Return `Tue 24 Nov`. */
export function day(time: number, zone: Zone): string {
  return format(time, zone, { weekday: 'short', day: 'numeric', month: 'short' }).replace(',', '');
}

/** Return `Tue 24 Nov, 21:10`; only the clock for times of the same day as `now`. */
export function absolute(time: number, now: number, zone: Zone): string {
  const date = day(time, zone);
  return date === day(now, zone) && Math.abs(now - time) < DAY * 1000 ? clock(time, zone) : `${date}, ${clock(time, zone)}`;
}

/** Return what axis ticks at these times (seconds) say: the date where a day begins, else the clock. */
export function tickLabels(times: readonly number[], zone: Zone): string[] {
  const step = (times[1] ?? 0) - (times[0] ?? 0);
  return times.map((time) => {
    const text = clock(time * 1000, zone, step > 0 && step < MINUTE);
    return text === '00:00' || step >= DAY ? day(time * 1000, zone) : text;
  });
}

/** Return the name of the zone in force. */
export function zoneName(zone: Zone): string {
  if (zone === 'utc') return 'UTC';
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(new Date());
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'local';
}

function format(time: number, zone: Zone, options: Intl.DateTimeFormatOptions): string {
  const key = zone + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone === 'utc' ? 'UTC' : undefined });
    formats.set(key, found);
  }
  return found.format(time);
}
