import type pg from 'pg';
import { events, type Kind } from './events.js';

const SQL = 'insert into outbox (event_id, subject, data) select * from unnest($1::text[], $2::text[], $3::text[])';

/** Inserts events into an outbox with one statement, so that all become visible to the relay at once. */
export async function fillOutbox(database: pg.Client | pg.Pool, count: number, kind: Kind): Promise<void> {
  const rows = Array.from({ length: count }, events(kind));
  const data = rows.map((row) => row.data.toString());
  await database.query(SQL, [rows.map(({ id }) => id), rows.map(({ subject }) => subject), data]);
}
