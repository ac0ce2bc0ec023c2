// One stream of server-sent events, opened again whenever it is lost.
import type { Tell } from './messages';

const STREAM = '/api/v1/stream';

/** Milliseconds until a stream that the server refused is tried again. */
const RETRY = 3000;

/** Follow the stream until the returned function is called. The browser resumes it after the last event's id. */
export function connect(tell: Tell): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    source = new EventSource(STREAM);
    source.onopen = () => tell({ topic: 'open' });
    source.onerror = () => {
      tell({ topic: 'lost' });
      // a stream that was refused, not lost, is not taken up again by the browser
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY);
    };
    source.addEventListener('tick', (event) => tell({ topic: 'tick', data: JSON.parse(event.data) }));
    source.addEventListener('incident', (event) => tell({ topic: 'incident', data: JSON.parse(event.data) }));
    source.addEventListener('lanes', () => tell({ topic: 'lanes' }));
  }

  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
