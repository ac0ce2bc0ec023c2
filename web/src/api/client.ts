// The one door to the server.
import { cleaned } from '../words/safe';
import { session } from './session.svelte';
import type { Credentials, IncidentDetail, Incidents, JudgedIncident, Lanes, Matrix, Problem, Segments, Series, Sources, Status, Verdict } from './types';

export type Params = Record<string, string | number | readonly string[] | null | undefined>;

/** What failed, in words that a panel can show. */
export class Failure extends Error {
  readonly status: number;
  readonly hint: string;
  readonly requestId: string;

  constructor(message: string, status = 0, hint = '', requestId = '') {
    super(message);
    this.status = status;
    this.hint = hint;
    this.requestId = requestId;
  }
}

export interface Range {
  since?: string;
  until?: string;
}

export interface IncidentFilter extends Range {
  /** Any of these phases. */
  state: readonly string[];
  severity?: readonly string[];
  segment?: string;
  /** Of services of this tier. */
  tier?: string;
  limit?: number;
  cursor?: string | null;
}

export const api = {
  status: (signal?: AbortSignal) => ask<Status>('status', {}, signal),
  incidents: async (filter: IncidentFilter, signal?: AbortSignal) =>
    cleaned(await ask<Incidents>('incidents', { ...filter }, signal)),
  incident: async (id: string, signal?: AbortSignal) =>
    cleaned(await ask<IncidentDetail>(`incidents/${encodeURIComponent(id)}`, {}, signal)),
  segments: async (signal?: AbortSignal) => cleaned(await ask<Segments>('segments', {}, signal)),
  matrix: async (signal?: AbortSignal) => cleaned(await ask<Matrix>('coverage/matrix', {}, signal)),
  sources: async (signal?: AbortSignal) => cleaned(await ask<Sources>('sources', {}, signal)),
  lanes: (range: Range, cells: number, signal?: AbortSignal) =>
    ask<Lanes>('lanes', { ...range, cells, limit: 20 }, signal),
  series: (segment: string, feature: string, range: Range, points: number, signal?: AbortSignal) =>
    ask<Series>('series', { segment, feature, ...range, points }, signal),
  /** Sign in with a key; the server answers with a cookie that scripts can't read. */
  signIn: (key: string) => send<null>('session', { key } satisfies Credentials),
  signOut: () => send<null>('session', null, 'DELETE'),
  /** Take in a verdict; a preview changes nothing, force hides even what was judged real. */
  judge: async (id: string, verdict: Verdict | null, how: { preview?: boolean; force?: boolean } = {}) =>
    cleaned(await send<JudgedIncident>(`incidents/${encodeURIComponent(id)}/verdict`, { verdict, ...how })),
};

/** Return the query of these parameters; what is empty is left out. */
export function query(params: Params): string {
  const pairs = Object.entries(params).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.filter((one) => one !== null && one !== undefined && one !== '').map((one) => [name, String(one)]);
  });
  return new URLSearchParams(pairs).toString();
}

async function ask<T>(path: string, params: Params, signal?: AbortSignal): Promise<T> {
  const text = query(params);
  return answer<T>(`/api/v1/${path}${text && `?${text}`}`, { signal });
}

async function send<T>(path: string, body: unknown, method = 'POST'): Promise<T> {
  // another site's page can't set the last one
  const headers = { 'Content-Type': 'application/json', 'X-Vedette-CSRF': '1' };
  return answer<T>(`/api/v1/${path}`, { method, headers, body: body === null ? null : JSON.stringify(body) });
}

async function answer<T>(url: string, options: RequestInit): Promise<T> {
  const response = await fetch(url, options).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Failure('The server does not answer.', 0, "Is 'vedette up' still running?");
  });
  if (response.status === 204) return null as T;
  if (response.ok) return (await response.json()) as T;
  if (response.status === 401) session.ended();
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  throw new Failure(
    problem.detail ?? `The server answered ${response.status}.`,
    response.status,
    problem.hint ?? '',
    problem.request_id ?? response.headers.get('X-Request-ID') ?? '',
  );
}
