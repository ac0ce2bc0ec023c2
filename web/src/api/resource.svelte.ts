// Something fetched, in the states that a panel can be in.
import { untrack } from 'svelte';

import { Failure } from './client';

/** Milliseconds before a skeleton shows: sooner it would only flicker. */
const SLOW = 200;

export class Resource<T> {
  /** The latest answer; kept while the next one is on its way, or after it failed. */
  data = $state.raw<T | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Whether the first answer takes long enough to say so. */
  slow = $state(false);

  #running: AbortController | null = null;
  #fetch: ((signal: AbortSignal) => Promise<T>) | null = null;

  /** Fetch; an answer that is overtaken by a later call is dropped. */
  load(fetch: (signal: AbortSignal) => Promise<T>): void {
    untrack(() => void this.#load(fetch));
  }

  /** Fetch the same again. */
  retry = (): void => {
    if (this.#fetch) this.load(this.#fetch);
  };

  /** Forget the answer, for the next one will be about something else. */
  clear(): void {
    this.#running?.abort();
    this.data = null;
    this.failure = null;
  }

  async #load(fetch: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#running?.abort();
    const mine = new AbortController();
    this.#running = mine;
    this.#fetch = fetch;
    const timer = setTimeout(() => (this.slow = this.data === null), SLOW);
    try {
      const data = await fetch(mine.signal);
      if (mine.signal.aborted) return;
      this.data = data;
      this.failure = null;
    } catch (error) {
      if (mine.signal.aborted) return;
      this.failure = error instanceof Failure ? error : new Failure(String(error));
    } finally {
      clearTimeout(timer);
      if (this.#running === mine) this.slow = false;
    }
  }
}
