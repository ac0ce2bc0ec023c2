// Where the page is: a thin, reactive layer over the browser's history.
import { addressOf, changed, placeOf, rangeName, withQuery, type Change } from './route';
import type { Zone } from './words/time';

class Router {
  place = $state.raw(placeOf(location.pathname, location.search));

  // derived, so that what depends on one of them is left alone when only others change
  zone: Zone = $derived(this.place.query.tz === 'local' ? 'local' : 'utc');
  range = $derived(rangeName(this.place.query.range));

  get query(): Record<string, string> {
    return this.place.query;
  }

  /** Go to an address. */
  go(address: string): void {
    history.pushState(null, '', address);
    this.#read();
  }

  /** Return the address of a path, with range and zone kept. */
  to(path: string): string {
    return addressOf(path, this.query);
  }

  /** Change the query; `quietly` leaves no step to go back to. */
  change(change: Change, quietly = false): void {
    const address = withQuery(location.pathname, changed(this.query, change));
    if (quietly) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.#read();
  }

  /** Follow the browser's own buttons and links; returns what ends that. */
  start(): () => void {
    const read = (): void => this.#read();
    addEventListener('popstate', read);
    document.addEventListener('click', this.#clicked);
    return () => {
      removeEventListener('popstate', read);
      document.removeEventListener('click', this.#clicked);
    };
  }

  #clicked = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const modified = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!link || modified || event.defaultPrevented || link.target || link.download || link.origin !== location.origin) return;
    if (link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
    scrollTo(0, 0);
  };

  #read(): void {
    this.place = placeOf(location.pathname, location.search);
  }
}

export const router = new Router();
