import { type BatchOptions, deleteInBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** How long published events are kept, so that a stream that lost its end can be restored. */
const LEDGER_DAYS = 3;
/** How long an event id is remembered. Longer than any stream keeps the event, so no copy can arrive later. */
const INBOX_DAYS = 30;

interface PurgeOptions extends BatchOptions {
  days?: number;
}

/**
 * Published rows, oldest first; unpublished ones stay, however old.
 * in: how many at most, age in days by the database's clock · out: how many were deleted · lock: those rows, which nobody writes any
 * more, so their place in the table is as good as a key.
 */
const LEDGER = `
  delete from outbox where ctid = any (array(
    select ctid from outbox where published_at < now() - make_interval(days => $2) order by published_at limit $1))`;

/**
 * Keys of events, found by `seen_on` and deleted by their place in the table, without looking up a single key.
 * in: how many at most, age in whole days (UTC, by the database's clock) · out: how many were deleted · lock: those rows.
 */
const INBOX = `
  delete from inbox where ctid = any (array(
    select ctid from inbox where seen_on < (now() at time zone 'utc')::date - $2::int order by seen_on limit $1))`;

/** Deletes published events older than three days. Any replica may run it at any time. @returns how many */
export function purgeLedger(
  dataSource: DataSource,
  { days = LEDGER_DAYS, ...options }: PurgeOptions = {},
): Promise<number> {
  return deleteInBatches(dataSource, LEDGER, [days], options);
}

/** Deletes the keys of events that were claimed more than 30 days ago. @returns how many */
export function purgeInbox(
  dataSource: DataSource,
  { days = INBOX_DAYS, ...options }: PurgeOptions = {},
): Promise<number> {
  return deleteInBatches(dataSource, INBOX, [days], options);
}
