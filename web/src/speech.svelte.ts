// What screen readers are told: at once when the user asked, else at most every 10 s.

const REST = 10_000;

class Speech {
  text = $state('');

  #last = -Infinity;

  /** Say what the user's own deed led to. */
  answer(text: string): void {
    // the same words twice are silent unless they differ by something
    this.text = text === this.text ? `${text}\u00a0` : text;
  }

  /** Mention what happened by itself; dropped when something was mentioned just before. */
  mention(text: string): void {
    if (performance.now() - this.#last < REST) return;
    this.#last = performance.now();
    this.text = text;
  }
}

export const speech = new Speech();
