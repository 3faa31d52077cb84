import { inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/**
 * Forgets challenges a day after their codes ran out, batch by batch.
 * in: signal that ends it after a batch · out: how many went · lock: the deleted rows, skipping locked ones · race: none.
 */
export function purgeChallenges(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  return inBatches(
    async (limit) => {
      const [, count]: [unknown, number] = await dataSource.query(
        `delete from challenges where id in (
         select id from challenges where expires_at < now() - interval '1 day' limit $1 for update skip locked)`,
        [limit],
      );
      return count;
    },
    { signal },
  );
}
