import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { connect } from './connection';
import type { Message } from './messages';

/** Stands in for the browser's own; remembers every one that was opened. */
class FakeSource {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];

  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 1;
  listeners = new Map<string, (event: { data: string }) => void>();

  constructor(readonly url: string) {
    FakeSource.opened.push(this);
  }
  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(name, listener);
  }
  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

let told: Message[];
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeSource);
  FakeSource.opened = [];
  told = [];
  stop = connect((message) => told.push(message));
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function latest(): FakeSource {
  return FakeSource.opened[FakeSource.opened.length - 1]!;
}

describe('connect', () => {
  it('opens one stream and passes its topics on', () => {
    latest().onopen?.();
    latest().listeners.get('tick')?.({ data: '{"version":"1"}' });
    latest().listeners.get('incident')?.({ data: '{"id":"a"}' });
    latest().listeners.get('lanes')?.({ data: '{}' });
    expect(FakeSource.opened.map((source) => source.url)).toEqual(['/api/v1/stream']);
    expect(told).toEqual([
      { topic: 'open' },
      { topic: 'tick', data: { version: '1' } },
      { topic: 'incident', data: { id: 'a' } },
      { topic: 'lanes' },
    ]);
  });

  it('leaves a stream that was lost to the browser, which resumes it', () => {
    latest().readyState = 0;
    latest().onerror?.();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([{ topic: 'lost' }]);
    expect(FakeSource.opened).toHaveLength(1);
  });

  it('opens a stream again that the server refused', () => {
    latest().readyState = FakeSource.CLOSED;
    latest().onerror?.();
    vi.advanceTimersByTime(2999);
    expect(FakeSource.opened).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSource.opened).toHaveLength(2);
  });

  it('stays closed once it was stopped', () => {
    latest().readyState = FakeSource.CLOSED;
    latest().onerror?.();
    stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.opened).toHaveLength(1);
  });
});
