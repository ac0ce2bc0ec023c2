// Documents for tests, with only what a test is about.
import type { Incident, Lanes, Matrix, Series, Status, Technique } from './api/types';

/** Return a calm status. */
export function status(change: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    state: 'watching',
    message: '',
    started_at: '2026-11-24T09:00:00.000Z',
    now: '2026-11-24T10:00:00.000Z',
    data_from: '2026-11-20T10:00:00.000Z',
    data_to: '2026-11-24T10:00:00.000Z',
    tiles: {
      incidents: { open: 0, critical: 0, high: 0, medium: 0, low: 0 },
      events_per_second: 12,
      events_total: 1200,
      lag_seconds: 0.4,
      segments: { ready: 4, learning: 0, total: 4 },
      budget: { used: 0, limit: 10 },
      calibration: { failing: [], incidents_per_day: 0 },
      drift: [],
      unreadable: { total: 0, share: 0 },
      notifications: { waiting: 0, lag_seconds: 0, failing: [] },
    },
    ...change,
  };
}

/** Return an open incident. */
export function incident(change: Partial<Incident> = {}): Incident {
  const parts = { environment: '', service: 'web', operation: '' };
  return {
    id: 'a',
    phase: 'firing',
    kind: 'performance',
    severity: 'high',
    score: 80,
    title: 'latency',
    segment: 'web',
    segment_parts: parts,
    started_at: '2026-11-24T09:00:00.000Z',
    updated_at: '2026-11-24T09:10:00.000Z',
    ended_at: null,
    event_count: 3,
    finding_count: 1,
    techniques: [],
    entities: [],
    verdict: null,
    simulated: '',
    explained: '',
    tier: '',
    explanation: {
      sentence: '',
      paragraph: '',
      contributions: [],
      lowered: [],
      counterfactual: '',
      rarity: '',
      evidence: [],
      timeline: [],
      next_steps: [],
      hypotheses: [],
      suspects: [],
    },
    ...change,
  };
}

/** Return two lanes of four quarters of an hour. */
export function lanes(change: Partial<Lanes> = {}): Lanes {
  return {
    start: '2026-11-24T21:00:00.000Z',
    step_seconds: 900,
    cells: 4,
    rows: [
      { segment: 'all segments', state: 'ready', scores: [0, 30, 97, null] },
      { segment: 'web POST /checkout', state: 'ready', scores: [-1, 30, 97, null] },
    ],
    ...change,
  };
}

/** Return a series in a band of 1 to 3 around 2. */
export function series(actual: (number | null)[], change: Partial<Series> = {}): Series {
  const all = <T>(value: T): T[] => actual.map(() => value);
  return {
    segment: 'web',
    feature: 'latency_p95_seconds',
    label: 'p95 latency',
    unit: 's',
    t: actual.map((_, row) => 1_795_554_000 + 60 * row),
    actual,
    expected: all(2),
    lower: all(1),
    upper: all(3),
    score: all(5),
    ...change,
  };
}

/** Return a technique for which there is data and nothing else. */
export function technique(change: Partial<Technique> = {}): Technique {
  const id = change.id ?? 'T1110';
  return {
    id,
    name: id,
    title: id,
    parent: id,
    tactics: ['credential-access'],
    url: '',
    state: 'none',
    data: true,
    rules: [],
    rule_count: 0,
    rules_waiting: 0,
    waits_for: [],
    detectors: [],
    incidents: 0,
    proofs: [],
    ...change,
  };
}

/** Return a matrix of two tactics. */
export function matrix(change: Partial<Matrix> = {}): Matrix {
  return {
    version: '19.1',
    notice: '',
    tactics: [
      { key: 'persistence', id: 'TA0003', name: 'Persistence' },
      { key: 'credential-access', id: 'TA0006', name: 'Credential Access' },
    ],
    techniques: [],
    logsources: [],
    canary: null,
    canary_every_seconds: 0,
    ...change,
  };
}
