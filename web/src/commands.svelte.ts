// Who acts on a command: the part of the page that asked last.
import { isTyping, KeyReader, type Command } from './keys';

type Handler = () => void;

const SWITCH = 'vedette.keys';

class Commands {
  /** Whether single keys act (WCAG 2.1.4); kept in this browser. */
  enabled = $state(localStorage.getItem(SWITCH) !== 'off');

  #reader = new KeyReader();
  #handlers: [Command, Handler][] = [];

  /** Act on commands until the returned function is called; made for `$effect`. */
  on(handlers: Partial<Record<Command, Handler>>): () => void {
    const mine = Object.entries(handlers) as [Command, Handler][];
    this.#handlers.push(...mine);
    return () => {
      this.#handlers = this.#handlers.filter((entry) => !mine.includes(entry));
    };
  }

  /** Run what acts on a command; returns whether anything does. */
  run(command: Command): boolean {
    const found = this.#handlers.findLast(([name]) => name === command);
    found?.[1]();
    return found !== undefined;
  }

  /** Take a key that was pressed anywhere on the page. */
  press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const command = this.#reader.read(event, event.timeStamp);
    if (!command || (!this.enabled && command !== 'back')) return;
    if (this.run(command)) event.preventDefault();
  };

  /** Switch single keys on or off. */
  enable(on: boolean): void {
    this.enabled = on;
    localStorage.setItem(SWITCH, on ? 'on' : 'off');
  }
}

export const commands = new Commands();
