import type { DedicatedConnection } from '@bellhop/postgres';

export interface PublishedRow {
  id: string;
  stream: string;
  sequence: number;
}

/**
 * Input: rows with the stream and sequence under which the server keeps them. Result: they are published and part of
 * the ledger. Lock: those rows, which nobody else writes.
 * Race: a crash before this statement leaves them unpublished; they are published again under the same id, and the
 * server (or the reader's inbox) drops the second copy.
 */
export async function markPublished(session: DedicatedConnection, rows: readonly PublishedRow[]): Promise<void> {
  await session.query(
    'outbox_mark_published',
    `update outbox o
        set published_at = now(), stream = p.stream, sequence = p.sequence
       from unnest($1::bigint[], $2::text[], $3::bigint[]) as p (id, stream, sequence)
      -- Not "is null": the planner would read all that is unpublished, instead of these rows by their ids.
      where o.id = p.id and coalesce(o.published_at, 'infinity') = 'infinity'`,
    [rows.map((row) => row.id), rows.map((row) => row.stream), rows.map((row) => row.sequence)],
  );
}
