/** An app that `up` runs and `npm run provision` provisions, in the order in which they can be provisioned. */
export interface AppEntry {
  /** Its folder below `apps/`; also its NATS user. */
  name: 'tickets' | 'notifications';
  /** Its key in `up.json`. */
  key: string;
  /** Where it listens if nobody else does. */
  port: number;
  database: string;
}

/** A consumer can be provisioned only on a stream that exists: owners stand before those who listen to them. */
export const apps: readonly AppEntry[] = [
  { name: 'tickets', key: 'tickets', port: 3001, database: 'tickets' },
  { name: 'notifications', key: 'notifications', port: 3002, database: 'notifications' },
];
