import { DEDUPE_DAYS } from '@bellhop/contracts/events';
import { deleteInBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { KEY_HOURS } from '../dispatch/preparation/load-frozen.js';

/** Much longer than any fact can be late; an event of the ticket after that has a higher version anyway. */
const WATERMARK_DAYS = 90;
/** The address may belong to somebody who never wrote to us; `tickets` deletes it after the same time. */
export const CODE_HOURS = 72;

/**
 * Statements that each delete one batch. in: age, batch size · lock: the deleted rows, skipping locked ones · race: none, nothing else
 * changes settled rows; a frozen request that is being sent stays, and any other is composed again at the next attempt.
 */
const PURGES: readonly [string, string][] = [
  [
    `delete from deliveries where id in (
       select id from deliveries where settled_at < now() - $2::interval limit $1 for update skip locked)`,
    `${DEDUPE_DAYS} days`,
  ],
  [
    `delete from deliveries where id in (
       select id from deliveries
       where request_id is not null and template = 'code' and settled_at < now() - $2::interval
       limit $1 for update skip locked)`,
    `${CODE_HOURS} hours`,
  ],
  [
    `delete from decisions where ctid = any (array(
       select ctid from decisions where decided_at < now() - $2::interval limit $1))`,
    `${DEDUPE_DAYS} days`,
  ],
  [
    `delete from told where ctid = any (array(
       select ctid from told where told_at < now() - $2::interval limit $1 for update skip locked))`,
    `${WATERMARK_DAYS} days`,
  ],
  [
    `delete from known_tickets where ctid = any (array(
       select ctid from known_tickets where heard_at < now() - $2::interval limit $1 for update skip locked))`,
    `${WATERMARK_DAYS} days`,
  ],
  [
    `delete from frozen_requests where batch_id in (
       select f.batch_id from frozen_requests f
       where f.frozen_at < now() - $2::interval
         and not exists (select from deliveries d where d.batch_id = f.batch_id and d.settled_at is null and d.state = 'sending')
       limit $1 for update of f skip locked)`,
    `${KEY_HOURS} hours`,
  ],
  // A process was killed after its deliveries had left a request for another one, and before it deleted that.
  [
    `delete from frozen_requests where batch_id in (
       select f.batch_id from frozen_requests f
       where f.frozen_at < now() - $2::interval
         and not exists (select from deliveries d where d.batch_id = f.batch_id and d.settled_at is null)
       limit $1 for update of f skip locked)`,
    '1 hour',
  ],
  // Codes of settled deliveries are wiped already. These expired while nobody could claim them.
  [
    `delete from sealed_codes where delivery_id in (
       select delivery_id from sealed_codes where expires_at < now() - $2::interval limit $1 for update skip locked)`,
    '0 seconds',
  ],
  [
    `delete from frozen_requests where batch_id in (
       select f.batch_id from deliveries d join frozen_requests f using (batch_id)
       where d.expires_at < now() - $2::interval and d.settled_at is null and d.state <> 'sending'
       limit $1 for update of f skip locked)`,
    '0 seconds',
  ],
  [
    `delete from redrives where ctid = any (array(
       select ctid from redrives where redriven_at < now() - $2::interval limit $1 for update skip locked))`,
    `${DEDUPE_DAYS} days`,
  ],
];

/** Deletes old rows, batch by batch, until none is left. Unsettled deliveries stay at any age. */
export async function purgeRecords(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  let total = 0;
  for (const [sql, age] of PURGES) total += await deleteInBatches(dataSource, sql, [age], { signal });
  return total;
}
