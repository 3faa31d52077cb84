import { type BatchOptions, inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { purgeInboxBatch } from './sql/purge-inbox-batch.js';
import { purgeLedgerBatch } from './sql/purge-ledger-batch.js';

/** How long published events are kept, so that a stream that lost its end can be restored. */
const LEDGER_DAYS = 3;
/** How long an event id is remembered. Longer than any stream keeps the event, so no copy can arrive later. */
const INBOX_DAYS = 30;

interface PurgeOptions extends BatchOptions {
  days?: number;
}

/** Deletes published events older than three days. Any replica may run it at any time. @returns how many */
export function purgeLedger(dataSource: DataSource, options: PurgeOptions = {}): Promise<number> {
  return inBatches((limit) => purgeLedgerBatch(dataSource, options.days ?? LEDGER_DAYS, limit), options);
}

/** Deletes the keys of events that were claimed more than 30 days ago. @returns how many */
export function purgeInbox(dataSource: DataSource, options: PurgeOptions = {}): Promise<number> {
  return inBatches((limit) => purgeInboxBatch(dataSource, options.days ?? INBOX_DAYS, limit), options);
}
