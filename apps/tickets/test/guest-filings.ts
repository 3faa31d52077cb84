import { randomUUID } from 'node:crypto';
import type { Person, RunningTickets } from './running-tickets.js';

/** What a guest sends to file a ticket. */
export const filing = {
  category: 'trading',
  subject: 'Order stuck',
  body: 'Order 123 has been open since 9:15.',
  guest: { email: 'Jana@Example.COM', locale: 'pl' },
};
export const filingOf = (email: string) => ({ ...filing, guest: { email } });

/** A browser that nobody has used, which keeps its cookie. */
export const newBrowser = (tickets: RunningTickets): Person =>
  tickets.browser(`__Host-bellhop-browser=${randomUUID().replaceAll('-', '').padEnd(43, 'x')}`);

/** How many rows there are of everything that a filing writes. */
export async function tracesIn({ database }: RunningTickets): Promise<Record<string, number>> {
  const [counts] =
    await database.dataSource.query(`select (select count(*) from tickets)::int as tickets, (select count(*) from messages)::int as messages,
                   (select count(*) from guest_filings)::int as filings, (select count(*) from timeline_entries)::int as entries,
                   (select count(*) from outbox)::int as events, (select count(*) from people where kind = 'guest')::int as guests,
                   (select count(*) from idempotency_keys)::int as keys`);
  return counts;
}

/** Between two tests: `guest-auth` answers, and no guest has filed anything. */
export async function forgetFilings({ guestAuth, database }: RunningTickets): Promise<void> {
  guestAuth.mood = 'answers';
  await database.dataSource.query('delete from tickets');
  await database.dataSource.query(`delete from people where kind = 'guest'`);
}
