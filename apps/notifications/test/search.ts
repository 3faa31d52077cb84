import type { JetStreamManager } from '@nats-io/jetstream';
import type { Pool } from 'pg';

/** Every row of every table as text, to search for secrets. `bytea` is in hexadecimal. */
export async function databaseText(database: Pick<Pool, 'query'>): Promise<string> {
  const { rows: tables } = await database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const parts = await Promise.all(
    tables.map(({ name }) => database.query<{ row: string }>(`select t::text as row from "${name}" t`)),
  );
  return parts.flatMap(({ rows }) => rows.map(({ row }) => row)).join('\n');
}

/** Every message of every stream: subject, headers, body. */
export async function streamsText(manager: JetStreamManager): Promise<string> {
  const texts: string[] = [];
  for await (const { config, state } of manager.streams.list()) {
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
      const message = await manager.streams.getMessage(config.name, { seq });
      texts.push(`${message?.subject} ${message?.header} ${Buffer.from(message?.data ?? []).toString()}`);
    }
  }
  return texts.join('\n');
}

/** The places that contain a secret, in the clear or in a usual encoding of bytes. */
export function placesOf(secret: string, places: Record<string, string>): string[] {
  const bytes = Buffer.from(secret);
  const forms = [secret, bytes.toString('hex'), bytes.toString('base64url')];
  return Object.keys(places).filter((place) => forms.some((form) => places[place]?.includes(form)));
}
