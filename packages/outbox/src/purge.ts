import { type BatchOptions, inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { purgeInboxBatch } from './sql/purge-inbox-batch.js';
import { purgeLedgerBatch } from './sql/purge-ledger-batch.js';

/** How long published events stay, so that a stream that lost its end can be written again. */
export const LEDGER_DAYS = 3;
/** How long an event is known. Longer than any stream keeps it, so that no copy can come back after this. */
export const INBOX_DAYS = 30;

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
