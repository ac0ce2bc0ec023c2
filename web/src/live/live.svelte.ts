// What is known live: the status, whether the stream holds, and what changed.
import type { Incident, Status } from '../api/types';
import { cleaned } from '../words/safe';
import { attach } from './attach';
import type { Message } from './messages';

/** Milliseconds between two rounds of fetching lists and lanes again, however much happens. */
const REST = 2000;

/** Milliseconds without a tick after which what is shown counts as old. */
const OLD = 5000;

class Live {
  status = $state.raw<Status | null>(null);
  connected = $state(false);
  /** Grows when windows closed: what shows them is fetched again. */
  round = $state(0);
  /** The server's time in ms, once a second. */
  now = $state(Date.now());
  seenAt = $state(Date.now());

  #listeners = new Set<(incident: Incident) => void>();
  #skew = 0;
  #due: ReturnType<typeof setTimeout> | undefined;

  /** Whether what is shown can't be trusted to be current. */
  get stale(): boolean {
    return this.status !== null && (!this.connected || this.now - this.seenAt > OLD);
  }

  /** Start; returns what stops it. */
  start(): () => void {
    let detach = attach((message) => this.#take(message));
    const clock = setInterval(() => (this.now = Date.now() + this.#skew), 1000);
    const leave = (): void => detach();
    const back = (event: PageTransitionEvent): void => {
      if (event.persisted) detach = attach((message) => this.#take(message));
    };
    addEventListener('pagehide', leave);
    addEventListener('pageshow', back);
    return () => {
      detach();
      clearInterval(clock);
      removeEventListener('pagehide', leave);
      removeEventListener('pageshow', back);
    };
  }

  /** Call a function with each incident that opens or changes; returns what ends that. */
  onIncident(listener: (incident: Incident) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tell this tab's panels of a change that the tab itself asked for. */
  changed(incident: Incident): void {
    for (const listener of this.#listeners) listener(incident);
  }

  #take(message: Message): void {
    if (message.topic === 'lost') this.connected = false;
    if (message.topic === 'open') this.#opened();
    if (message.topic === 'tick') this.#ticked(message.data);
    if (message.topic === 'incident') this.changed(cleaned(message.data));
    if (message.topic === 'lanes') this.#again();
  }

  #opened(): void {
    if (!this.connected && this.status) this.#again();
    this.connected = true;
  }

  #ticked(status: Status): void {
    this.#skew = Date.parse(status.now) - Date.now();
    this.now = Date.now() + this.#skew;
    this.seenAt = this.now;
    this.connected = true;
    // while the server starts it answers nothing but its status
    if (this.status?.state === 'starting' && status.state !== 'starting') this.round += 1;
    this.status = cleaned(status);
  }

  #again(): void {
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      this.round += 1;
    }, REST);
  }
}

export const live = new Live();
