import type { DataSource } from 'typeorm';

/**
 * Input: a stream that has lost its end, and the last sequence that it still has. Result: how many events of the ledger
 * are unpublished again; the relay publishes them under their old ids. Lock: those rows, against the relay's marks.
 * Race: an event that the relay publishes at this moment is published once more; its id is the same.
 */
export async function reopenLedger(dataSource: DataSource, stream: string, lastSequence: number): Promise<number> {
  const [, count] = await dataSource.query<[unknown[], number]>(
    `update outbox
        set published_at = null, stream = null, sequence = null
      where stream = $1 and sequence > $2`,
    [stream, lastSequence],
  );
  return count;
}
