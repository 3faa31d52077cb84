import type { DedicatedConnection } from '@bellhop/postgres';

export interface LedgerPlace {
  sequence: number;
  /** More than one only if the stream has lost its end and gave the sequence again. */
  eventIds: string[];
}

/**
 * Input: a stream and two sequences. Result: the highest place of the ledger above `above` and not above `upTo`, with
 * every event that stands there, or null. Lock: none. Race: none while the session lock is held.
 */
export async function readLedgerAt(
  session: DedicatedConnection,
  stream: string,
  above: number,
  upTo: number,
): Promise<LedgerPlace | null> {
  const rows = await session.query<{ sequence: string; event_id: string }>(
    'outbox_read_ledger_at',
    `select sequence, event_id
       from outbox
      where stream = $1 and published_at is not null
        and sequence = (select max(sequence) from outbox
                         where stream = $1 and published_at is not null and sequence > $2 and sequence <= $3)`,
    [stream, above, upTo],
  );
  const [first] = rows;
  return first ? { sequence: Number(first.sequence), eventIds: rows.map((row) => row.event_id) } : null;
}
