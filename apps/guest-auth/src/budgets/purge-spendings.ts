import type { DataSource } from 'typeorm';
import { LONGEST_WINDOW_SECONDS } from './budget.js';

const BATCH_SIZE = 5_000;

/**
 * Forgets what no limit looks back to any more, batch by batch.
 * in: signal that ends it after a batch · out: how many went · lock: the deleted rows, skipping locked ones · race: none.
 */
export async function purgeSpendings(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  let total = 0;
  for (let rows = BATCH_SIZE; rows === BATCH_SIZE && !signal.aborted; total += rows) {
    [, rows] = (await dataSource.query(
      `delete from spendings where id in (
         select id from spendings where spent_at < now() - make_interval(secs => $1) limit $2 for update skip locked)`,
      [LONGEST_WINDOW_SECONDS, BATCH_SIZE],
    )) as [unknown, number];
  }
  return total;
}
