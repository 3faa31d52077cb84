import type { DataSource } from 'typeorm';

/** How long a batch goes again under its key. A provider that remembers keys does so for a day; later its bytes are worth nothing. */
export const KEY_HOURS = 23;

export interface SealedBatch {
  readonly batchId: string;
  readonly sealed: Buffer;
  /** Its key is still remembered by the provider, with an hour to spare. */
  readonly hasLiveKey: boolean;
}

/**
 * The sealed requests of batches that were sent before.
 * in: batch ids · out: those that are still there · lock: none · race: only the holder of all its unsettled members removes
 * one, or the purge after 23 hours.
 */
export async function loadFrozen(dataSource: DataSource, batchIds: readonly string[]): Promise<SealedBatch[]> {
  return dataSource.query(
    `select batch_id as "batchId", sealed, frozen_at > now() - $2 * interval '1 hour' as "hasLiveKey"
     from frozen_requests where batch_id = any ($1::uuid[])`,
    [batchIds, KEY_HOURS],
  );
}
