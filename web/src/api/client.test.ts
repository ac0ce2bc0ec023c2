import { afterEach, describe, expect, it, vi } from 'vitest';

import { api, Failure } from './client';
import { session } from './session.svelte';

afterEach(() => vi.unstubAllGlobals());

function answering(body: unknown, status = 200, headers: Record<string, string> = {}): ReturnType<typeof vi.fn> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const fetch = vi.fn(async () => new Response(text, { status, headers }));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe('api', () => {
  it('asks for what it was asked', async () => {
    const fetch = answering({ items: [], next: null });
    await api.incidents({ state: ['firing'], segment: 'web POST /a?b', limit: 5 });
    expect(fetch.mock.calls[0]![0]).toBe('/api/v1/incidents?state=firing&segment=web+POST+%2Fa%3Fb&limit=5');
  });

  it('keeps an id from changing the path', async () => {
    const fetch = answering({});
    await api.incident('../status?x');
    expect(fetch.mock.calls[0]![0]).toBe('/api/v1/incidents/..%2Fstatus%3Fx');
  });

  it('asks for a key once the server does not know the browser, and only then', async () => {
    answering({ detail: 'missing_scope', code: 'missing_scope' }, 403);
    await failureOf(api.judge('a', 'real'));
    expect(session.needed).toBe(false);
    answering({ detail: 'wrong_key', code: 'wrong_key' }, 401);
    await failureOf(api.status());
    expect(session.needed).toBe(true);
  });

  it('signs out without a body, with the header that other sites cannot set', async () => {
    const fetch = vi.fn(async () => new Response(null, { status: 204 }));
    vi.stubGlobal('fetch', fetch);
    expect(await api.signOut()).toBeNull();
    const [url, options] = fetch.mock.calls[0]! as unknown as [string, RequestInit];
    expect(url).toBe('/api/v1/session');
    expect(options).toMatchObject({ method: 'DELETE', body: null, headers: { 'X-Vedette-CSRF': '1' } });
  });

  it('sends a verdict as JSON', async () => {
    const fetch = answering({ id: 'a' });
    await api.judge('a', null);
    const [url, options] = fetch.mock.calls[0]! as unknown as [string, RequestInit];
    expect(url).toBe('/api/v1/incidents/a/verdict');
    expect(options).toMatchObject({ method: 'POST', body: '{"verdict":null}' });
  });

  it('marks characters that lie, wherever text is shown', async () => {
    answering({ items: [{ title: '\u001b[31m', segment: '\u202e' }], next: null });
    const { items } = await api.incidents({ state: ['firing'] });
    expect(items[0]).toEqual({ title: '⟨U+001B⟩[31m', segment: '\u202e' });
  });

  it('tells what the server said of a failure', async () => {
    answering({ detail: 'no disk', hint: 'buy one', request_id: 'abc' }, 503);
    const failure = await failureOf(api.status());
    expect(failure).toMatchObject({ message: 'no disk', hint: 'buy one', requestId: 'abc', status: 503 });
  });

  it('has words for a failure that is not ours', async () => {
    answering('<html>Bad Gateway</html>', 502, { 'X-Request-ID': 'proxy' });
    const failure = await failureOf(api.status());
    expect(failure).toMatchObject({ message: 'The server answered 502.', requestId: 'proxy' });
  });

  it('has words for a server that is gone', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    expect((await failureOf(api.status())).message).toBe('The server does not answer.');
  });

  it('leaves what was called off as it is', async () => {
    const off = new DOMException('off', 'AbortError');
    vi.stubGlobal('fetch', () => Promise.reject(off));
    await expect(api.status()).rejects.toBe(off);
  });
});
