import { describe, expect, it } from 'vitest';

import { query } from './api/client';
import { around, between, rangeOf } from './range';
import { addressOf, changed, incidentPath, placeOf, rangeName, timeOf, withQuery } from './route';
import { status } from './testing';

describe('placeOf', () => {
  it.each([
    ['/', 'overview', ''],
    ['/incidents', 'incidents', ''],
    ['/incidents/', 'incidents', ''],
    ['/incidents/ab%2Fc', 'incident', 'ab/c'],
    ['/incidents/%E0%A4%A', 'incident', '%E0%A4%A'],
    ['/incidents/a/b', 'missing', ''],
    ['/coverage', 'coverage', ''],
    ['/coverage/x', 'missing', ''],
    ['/models', 'missing', ''],
  ])('reads %s', (path, screen, id) => {
    expect(placeOf(path, '')).toMatchObject({ screen, id });
  });

  it('reads the query', () => {
    expect(placeOf('/', '?lane=web%20%2F&at=5').query).toEqual({ lane: 'web /', at: '5' });
  });
});

describe('addresses', () => {
  it('keep range and zone when the screen changes, and nothing else', () => {
    expect(addressOf('/incidents', { range: '7d', tz: 'local', lane: 'web' })).toBe('/incidents?range=7d&tz=local');
  });

  it('lose what is set to nothing', () => {
    expect(changed({ lane: 'a', at: '5' }, { lane: null, at: '', state: 'all' })).toEqual({ state: 'all' });
  });

  it('come back as they were', () => {
    const names = { lane: 'prod/web GET /?a=b&c#d', at: '5' };
    expect(placeOf('/', withQuery('/', names).slice(1)).query).toEqual(names);
    expect(placeOf(incidentPath('a/b c'), '').id).toBe('a/b c');
  });

  it('have no question mark without a question', () => {
    expect(withQuery('/', {})).toBe('/');
  });
});

describe('what a stranger may have put into an address', () => {
  it.each(['constructor', '__proto__', '', '9y', undefined])('range %s is the usual one', (text) => {
    expect(rangeName(text)).toBe('24h');
  });

  it.each(['1e300', '-5', 'x', '', 'Infinity', undefined])('time %s is none', (text) => {
    expect(timeOf(text)).toBe(0);
  });

  it('what is right stays', () => {
    expect([rangeName('7d'), timeOf('1795514400')]).toEqual(['7d', 1_795_514_400]);
  });
});

describe('query', () => {
  it('repeats lists and leaves out what is empty', () => {
    expect(query({ state: ['firing', 'resolved'], segment: '', cursor: null, since: undefined, limit: 5 })).toBe(
      'state=firing&state=resolved&limit=5',
    );
  });
});

describe('rangeOf', () => {
  it('ends now while data is fresh', () => {
    expect(rangeOf('1h', status())).toEqual({ since: '2026-11-24T09:00:00.000Z', until: '2026-11-24T10:00:00.000Z' });
  });

  it('ends at the data when history was read in', () => {
    const old = status({ data_to: '2020-01-02T00:00:00.000Z' });
    expect(rangeOf('24h', old).until).toBe('2020-01-02T00:00:00.001Z');
  });

  it('ends now before there is data', () => {
    expect(rangeOf('24h', status({ data_to: null })).until).toBe('2026-11-24T10:00:00.000Z');
  });
});

describe('around', () => {
  const now = Date.parse('2026-11-24T10:00:00Z');

  it('shows what came before, and what came after', () => {
    expect(around('2026-11-24T08:00:00Z', '2026-11-24T08:30:00Z', now)).toEqual(
      between(Date.parse('2026-11-24T06:30:00Z'), Date.parse('2026-11-24T09:00:00Z')),
    );
  });

  it('does not reach into the future, and gives a short one some room', () => {
    expect(around('2026-11-24T09:59:00Z', '2026-11-24T10:00:00Z', now)).toEqual({
      since: '2026-11-24T09:29:00.000Z',
      until: '2026-11-24T10:00:00.000Z',
    });
  });
});
