// Single keys and pairs of keys, read as commands.

export const COMMANDS = {
  'g o': ['overview', 'Overview'],
  'g i': ['incidents', 'Incidents'],
  'g c': ['coverage', 'Coverage'],
  j: ['next', 'next incident'],
  k: ['previous', 'previous incident'],
  Enter: ['open', 'open the incident or cell in focus'],
  Escape: ['back', 'back, or clear the choice'],
  y: ['real', 'verdict: real'],
  e: ['expected', 'verdict: expected'],
  n: ['noise', 'verdict: noise'],
  t: ['table', 'show charts and lanes as tables'],
  '?': ['help', 'this list'],
} as const;

export type Command = (typeof COMMANDS)[keyof typeof COMMANDS][0];

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** Milliseconds within which the second key of a pair must follow. */
const PAIR = 1000;

const FIRST = 'g';

/** Reads presses one by one; Enter is left to what has the focus. */
export class KeyReader {
  #firstAt = -Infinity;

  /** Return the command that a press completes; time in ms. */
  read(press: Press, at: number): Command | null {
    if (press.ctrlKey || press.metaKey || press.altKey) return null;
    const paired = at - this.#firstAt <= PAIR;
    this.#firstAt = !paired && press.key === FIRST ? at : -Infinity;
    const name = paired ? `${FIRST} ${press.key}` : press.key;
    if (name === 'Enter' || !Object.hasOwn(COMMANDS, name)) return null;
    return COMMANDS[name as keyof typeof COMMANDS][0];
  }
}

/** Return whether keys pressed here are text for a field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
