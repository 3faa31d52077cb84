import { inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** Deletes the counters of past days. Inputs: a signal that ends it after a batch. Lock: the deleted rows, skipping locked ones. */
export function purgeDays(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  return inBatches(
    async (limit) => {
      const [, count]: [unknown, number] = await dataSource.query(
        `delete from person_days where (person_id, day) in (
           select person_id, day from person_days where day < (now() at time zone 'utc')::date limit $1 for update skip locked)`,
        [limit],
      );
      return count;
    },
    { signal },
  );
}
