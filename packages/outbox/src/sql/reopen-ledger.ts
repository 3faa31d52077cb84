import type { DedicatedConnection } from '@bellhop/postgres';

/**
 * Input: a stream that has lost its end, the last sequence that it still has, and how many at a time. Result: how many
 * events of the ledger are unpublished again; the relay publishes them under their old ids, before what is newer. To be
 * repeated until it is none. Lock: those rows.
 * Race: a crash between two batches. The newest go first, so what is left is still an unbroken ledger that stands above
 * the stream, and whoever is active next sees it. Nobody marks meanwhile: the session that does is this one.
 */
export async function reopenLedger(
  session: DedicatedConnection,
  stream: string,
  lastSequence: number,
  limit: number,
): Promise<number> {
  const rows = await session.query<{ count: string }>(
    'outbox_reopen_ledger',
    `with newest as (
       select id from outbox
        where stream = $1 and sequence > $2 and published_at is not null
        order by sequence desc
        limit $3),
     reopened as (
       update outbox o
          set published_at = null, stream = null, sequence = null
         from newest
        where o.id = newest.id
       returning 1)
     select count(*) as count from reopened`,
    [stream, lastSequence, limit],
  );
  return Number(rows[0]?.count ?? 0);
}
