import type { DataSource } from 'typeorm';

/** How long a batch is repeated under its key, in hours. Providers remember keys for a day. */
export const KEY_HOURS = 23;

export interface SealedBatch {
  readonly batchId: string;
  readonly sealed: Buffer;
  /** The provider still remembers its key, with an hour to spare. */
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
