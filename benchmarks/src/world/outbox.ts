import type pg from 'pg';
import { events, type Kind } from './events.js';

const SQL = 'insert into outbox (event_id, subject, data) select * from unnest($1::text[], $2::text[], $3::text[])';

/** Puts so many events into an outbox, by one statement: none can be published before all may be. */
export async function fillOutbox(database: pg.Client | pg.Pool, count: number, kind: Kind): Promise<void> {
  const rows = Array.from({ length: count }, events(kind));
  const data = rows.map((row) => row.data.toString());
  await database.query(SQL, [rows.map(({ id }) => id), rows.map(({ subject }) => subject), data]);
}
