// The four steps from an empty installation to a watch that can be trusted.
import type { Status } from '../api/types';
import { count, counted } from '../words/numbers';

export interface Stage {
  name: string;
  words: string;
  state: 'done' | 'doing' | 'waiting';
  /** How far it is, 0–1; null where that can't be said. */
  share: number | null;
}

/** Return the steps of a status; `origin` is the server's own address. */
export function stepsOf(status: Status, origin: string): Stage[] {
  return [listening(status, origin), firstEvent(status), learning(status), watching(status)];
}

function listening(status: Status, origin: string): Stage {
  if (status.state === 'starting') return { name: 'Listening', words: status.message, state: 'doing', share: null };
  return { name: 'Listening', words: `${origin} · OTLP, JSON lines and files`, state: 'done', share: null };
}

function firstEvent(status: Status): Stage {
  const { events_total: events, unreadable } = status.tiles;
  const received = `received ${count(events)}`;
  if (!events) return { name: 'First event', words: `waiting … ${received}`, state: 'doing', share: null };
  return { name: 'First event', words: `${received}, ${count(unreadable.total)} could not be read`, state: 'done', share: null };
}

function learning(status: Status): Stage {
  const { ready, learning: left, total } = status.tiles.segments;
  const name = 'Learning what is normal';
  if (!total) return { name, words: 'starts with the first event', state: 'waiting', share: null };
  return {
    name,
    words: `${ready} of ${counted(total, 'segment')}${left ? '; scores have a wide band until then' : ''}`,
    state: left ? 'doing' : 'done',
    share: left ? ready / total : null,
  };
}

function watching(status: Status): Stage {
  const isOn = status.state === 'watching';
  const words = isOn ? 'what is unusual becomes an incident' : 'starts when the first segment is ready';
  return { name: 'Watching live', words, state: isOn ? 'done' : 'waiting', share: null };
}
