// Addresses of the page, and what they mean. All state that a view has is in its address.

export type Screen = 'overview' | 'incidents' | 'incident' | 'coverage' | 'missing';

export interface Place {
  screen: Screen;
  /** Of the incident, on its own page. */
  id: string;
  query: Record<string, string>;
}

export type Change = Record<string, string | number | null>;

export const PATHS = { overview: '/', incidents: '/incidents', coverage: '/coverage' } as const;

/** Lengths of time that may be looked at, in seconds. */
export const RANGES: Record<string, number> = { '1h': 3600, '6h': 21_600, '24h': 86_400, '7d': 604_800 };
export const USUAL_RANGE = '24h';

/** Seconds beyond which a time can only be a mistake: year 2200. */
const LAST = 7_258_118_400;

/** Keys of the query that stay when the screen changes. */
const LASTING = ['range', 'tz'];

/** Return what an address means. */
export function placeOf(path: string, search: string): Place {
  const query = Object.fromEntries(new URLSearchParams(search));
  const [, first = '', id = '', more] = path.split('/');
  if (path === '/') return { screen: 'overview', id: '', query };
  if (path === PATHS.coverage) return { screen: 'coverage', id: '', query };
  if (first !== 'incidents' || more !== undefined) return { screen: 'missing', id: '', query };
  return id ? { screen: 'incident', id: decoded(id), query } : { screen: 'incidents', id: '', query };
}

/** Return the address of a path with what lasts of the present query. */
export function addressOf(path: string, query: Record<string, string>): string {
  return withQuery(path, Object.fromEntries(Object.entries(query).filter(([name]) => LASTING.includes(name))));
}

/** Return the query with changes; null and empty take a key out. */
export function changed(query: Record<string, string>, change: Change): Record<string, string> {
  const pairs = Object.entries({ ...query, ...change }).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]));
}

/** Return path and query as one address. */
export function withQuery(path: string, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text ? `${path}?${text}` : path;
}

/** Return the name of a range, the usual one for what is none. */
export function rangeName(text: string | undefined): string {
  return text !== undefined && Object.hasOwn(RANGES, text) ? text : USUAL_RANGE;
}

/** Return a time of the query in seconds, 0 for what is none. */
export function timeOf(text: string | undefined): number {
  const time = Number(text ?? 0);
  return time > 0 && time < LAST ? time : 0;
}

/** Return the path of an incident's page. */
export function incidentPath(id: string): string {
  return `${PATHS.incidents}/${encodeURIComponent(id)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
