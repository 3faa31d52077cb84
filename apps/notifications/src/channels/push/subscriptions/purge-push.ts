import { DEDUPE_DAYS } from '@bellhop/contracts/events';
import { deleteInBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** How long a device that is off is remembered, for the answer to "why did nothing come". */
const ENDED_DAYS = 30;

/** What goes, each as a batch. in: age in days, batch size · lock: the deleted rows, skipping locked ones · race: none, nobody changes them. */
const PURGES: readonly [string, number][] = [
  [
    `delete from push_attempts where ctid = any (array(
       select ctid from push_attempts where at < now() - make_interval(days => $2) limit $1 for update skip locked))`,
    DEDUPE_DAYS,
  ],
  [
    `delete from push_subscriptions where id in (
       select id from push_subscriptions where ended_at < now() - make_interval(days => $2) limit $1 for update skip locked)`,
    ENDED_DAYS,
  ],
];

/** Deletes attempts as old as the deliveries that go, and devices that have been off for a month. */
export async function purgePush(dataSource: DataSource, options: { signal: AbortSignal }): Promise<number> {
  let count = 0;
  for (const [sql, days] of PURGES) count += await deleteInBatches(dataSource, sql, [days], options);
  return count;
}
