import type { DataSource } from 'typeorm';
import { purgeInboxBatch } from './sql/purge-inbox-batch.js';
import { purgeLedgerBatch } from './sql/purge-ledger-batch.js';

/** How long published events stay, so that a stream that lost its end can be written again. */
export const LEDGER_DAYS = 3;
/** How long an event is known. Longer than any stream keeps it, so that no copy can come back after this. */
export const INBOX_DAYS = 30;
/** Small enough that a batch takes milliseconds and holds up nobody's vacuum. */
const BATCH_SIZE = 5_000;

interface BatchOptions {
  /** Default 5,000. */
  batchSize?: number;
  /** Ends the purge after the batch at hand; aborted before, there is none. */
  signal?: AbortSignal;
}

export interface PurgeOptions extends BatchOptions {
  days?: number;
}

/** Deletes published events older than three days. Any replica may run it at any time. Returns how many were deleted. */
export function purgeLedger(dataSource: DataSource, options: PurgeOptions = {}): Promise<number> {
  return inBatches((limit) => purgeLedgerBatch(dataSource, options.days ?? LEDGER_DAYS, limit), options);
}

/** Forgets the keys of events that were claimed more than 30 days ago. Returns how many were forgotten. */
export function purgeInbox(dataSource: DataSource, options: PurgeOptions = {}): Promise<number> {
  return inBatches((limit) => purgeInboxBatch(dataSource, options.days ?? INBOX_DAYS, limit), options);
}

/**
 * Deletes many rows without a long transaction.
 * @param purge deletes at most so many and answers how many it were
 * @returns how many went, all together
 */
export async function inBatches(
  purge: (limit: number) => Promise<number>,
  options: BatchOptions = {},
): Promise<number> {
  const limit = options.batchSize ?? BATCH_SIZE;
  let total = 0;
  for (let count = limit; count === limit && !options.signal?.aborted; total += count) count = await purge(limit);
  return total;
}
