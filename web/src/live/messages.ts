// What the connection to the server tells the tabs.
import type { Incident, Status } from '../api/types';

export type Message =
  | { topic: 'open' }
  | { topic: 'lost' }
  | { topic: 'tick'; data: Status }
  | { topic: 'incident'; data: Incident }
  | { topic: 'lanes' };

export type Tell = (message: Message) => void;
