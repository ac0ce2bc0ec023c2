// Whether the browser is signed in, as far as it can know: scripts can't read the cookie.

/** Set in the browser's storage at signing in only, so that other loads of the page know. */
const MARK = 'vedette.signed-in';

class Session {
  /** Whether the server lets nobody in without a key, and does not know this browser. */
  needed = $state(false);
  /** Whether there is something to sign out of. */
  open = $state(globalThis.localStorage?.getItem(MARK) === '1');

  began(): void {
    globalThis.localStorage?.setItem(MARK, '1');
  }

  /** The server does not know this browser, or no longer. */
  ended(): void {
    globalThis.localStorage?.removeItem(MARK);
    this.open = false;
    this.needed = true;
  }
}

export const session = new Session();
