import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Failure } from './client';
import { Resource } from './resource.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An answer that comes when the test says so. */
function later<T>(): { fetch: () => Promise<T>; come: (value: T) => void; fail: (error: unknown) => void } {
  let [come, fail] = [(_: T): void => {}, (_: unknown): void => {}];
  const promise = new Promise<T>((resolve, reject) => ([come, fail] = [resolve, reject]));
  return { fetch: () => promise, come: (value) => come(value), fail: (error) => fail(error) };
}

async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

describe('Resource', () => {
  it('holds the answer', async () => {
    const resource = new Resource<number>();
    resource.load(async () => 5);
    await settled();
    expect([resource.data, resource.failure, resource.slow]).toEqual([5, null, false]);
  });

  it('says that it is slow only after 200 ms, and only for the first answer', async () => {
    const [resource, first, second] = [new Resource<number>(), later<number>(), later<number>()];
    resource.load(first.fetch);
    vi.advanceTimersByTime(199);
    expect(resource.slow).toBe(false);
    vi.advanceTimersByTime(1);
    expect(resource.slow).toBe(true);
    first.come(1);
    await settled();
    expect(resource.slow).toBe(false);
    resource.load(second.fetch);
    vi.advanceTimersByTime(1000);
    expect(resource.slow).toBe(false);
  });

  it('drops an answer that was overtaken', async () => {
    const [resource, slow, quick] = [new Resource<string>(), later<string>(), later<string>()];
    resource.load(slow.fetch);
    resource.load(quick.fetch);
    quick.come('new');
    await settled();
    slow.come('old');
    await settled();
    expect(resource.data).toBe('new');
  });

  it('drops the failure of what was overtaken', async () => {
    const [resource, slow] = [new Resource<string>(), later<string>()];
    resource.load(slow.fetch);
    resource.load(async () => 'new');
    slow.fail(new Failure('late'));
    await settled();
    expect(resource.failure).toBeNull();
  });

  it('keeps the last answer beside a failure, and forgets the failure after a retry', async () => {
    const resource = new Resource<number>();
    let works = true;
    const fetch = async (): Promise<number> => {
      if (works) return 1;
      throw new Failure('no disk', 500, '', 'abc');
    };
    resource.load(fetch);
    await settled();
    works = false;
    resource.retry();
    await settled();
    expect([resource.data, resource.failure?.requestId]).toEqual([1, 'abc']);
    works = true;
    resource.retry();
    await settled();
    expect(resource.failure).toBeNull();
  });

  it('makes a failure of any error', async () => {
    const resource = new Resource<number>();
    resource.load(() => Promise.reject(new TypeError('bug')));
    await settled();
    expect(resource.failure?.message).toContain('bug');
  });

  it('can be emptied while an answer is on its way', async () => {
    const [resource, slow] = [new Resource<number>(), later<number>()];
    resource.load(slow.fetch);
    resource.clear();
    slow.come(1);
    await settled();
    expect(resource.data).toBeNull();
  });

  it('does nothing on a retry of nothing', async () => {
    const resource = new Resource<number>();
    resource.retry();
    await settled();
    expect(resource.data).toBeNull();
  });
});
