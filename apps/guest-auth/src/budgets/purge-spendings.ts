import { inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { LONGEST_WINDOW_SECONDS } from './budget.js';

/**
 * Forgets what no limit looks back to any more, batch by batch.
 * in: signal that ends it after a batch · out: how many went · lock: the deleted rows, skipping locked ones · race: none.
 */
export function purgeSpendings(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  return inBatches(
    async (limit) => {
      const [, count]: [unknown, number] = await dataSource.query(
        `delete from spendings where id in (
         select id from spendings where spent_at < now() - make_interval(secs => $1) limit $2 for update skip locked)`,
        [LONGEST_WINDOW_SECONDS, limit],
      );
      return count;
    },
    { signal },
  );
}
