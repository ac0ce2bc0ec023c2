// Joins a tab to the live stream: through the shared worker, or by asking every 10 s where there is none.
import { api } from '../api/client';
import type { Tell } from './messages';
import workerUrl from './worker?sharedworker&url';

const POLL = 10_000;

interface Policy {
  createScriptURL(url: string): string;
}

interface PolicyMaker {
  createPolicy(name: string, rules: Policy): Policy;
}

/** Follow the server until the returned function is called. */
export function attach(tell: Tell): () => void {
  return 'SharedWorker' in globalThis ? share(tell) : poll(tell);
}

function share(tell: Tell): () => void {
  const worker = new SharedWorker(trusted(workerUrl), { type: 'module', name: 'vedette' });
  worker.port.onmessage = (event) => tell(event.data);
  return () => {
    worker.port.postMessage('leave');
    worker.port.close();
  };
}

/** Follow the server without a worker: the status says whether it lives, and everything is fetched again. */
function poll(tell: Tell): () => void {
  async function ask(): Promise<void> {
    try {
      const data = await api.status();
      tell({ topic: 'open' });
      tell({ topic: 'tick', data });
      tell({ topic: 'lanes' });
    } catch {
      tell({ topic: 'lost' });
    }
  }
  void ask();
  const timer = setInterval(() => void ask(), POLL);
  return () => clearInterval(timer);
}

/** Return the worker's address as one that the content security policy lets through: this very one. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: PolicyMaker };
  if (!trustedTypes) return url;
  const policy = trustedTypes.createPolicy('vedette', {
    createScriptURL(asked) {
      if (asked !== workerUrl) throw new TypeError(`not our worker: ${asked}`);
      return asked;
    },
  });
  return policy.createScriptURL(url);
}
