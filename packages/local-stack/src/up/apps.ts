/** An app that `up` runs and `npm run provision` provisions. */
export interface AppEntry {
  /** Its folder below `apps/`; also its NATS user. */
  name: 'tickets' | 'notifications' | 'guest-auth';
  /** Its key in `up.json`. */
  key: string;
  /** Where it listens if nobody else does. */
  port: number;
  /** The same of its inner port. */
  opsPort: number;
  database: string;
}

export const apps: readonly AppEntry[] = [
  { name: 'tickets', key: 'tickets', port: 3001, opsPort: 3101, database: 'tickets' },
  { name: 'notifications', key: 'notifications', port: 3002, opsPort: 3102, database: 'notifications' },
  { name: 'guest-auth', key: 'guestAuth', port: 3003, opsPort: 3103, database: 'guest_auth' },
];
