// Shared by all tabs: browsers allow six connections to a server, so one stream serves every tab.
import { connect } from './connection';
import type { Message } from './messages';

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const ports = new Set<MessagePort>();
let state: Message = { topic: 'lost' };
let tick: Message | null = null;
let stop: (() => void) | null = null;

function tell(message: Message): void {
  if (message.topic === 'open' || message.topic === 'lost') state = message;
  if (message.topic === 'tick') tick = message;
  for (const port of ports) port.postMessage(message);
}

function leave(port: MessagePort): void {
  ports.delete(port);
  if (ports.size > 0) return;
  stop?.();
  stop = null;
}

(self as unknown as SharedScope).onconnect = (event) => {
  const port = event.ports[0]!;
  ports.add(port);
  // a tab says one thing only: that it leaves
  port.onmessage = () => leave(port);
  port.postMessage(state);
  if (tick) port.postMessage(tick);
  stop ??= connect(tell);
};
