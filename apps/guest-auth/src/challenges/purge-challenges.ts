import type { DataSource } from 'typeorm';

const BATCH_SIZE = 5_000;

/**
 * Forgets challenges a day after their codes ran out, batch by batch.
 * in: signal that ends it after a batch · out: how many went · lock: the deleted rows, skipping locked ones · race: none.
 */
export async function purgeChallenges(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  let total = 0;
  for (let rows = BATCH_SIZE; rows === BATCH_SIZE && !signal.aborted; total += rows) {
    [, rows] = (await dataSource.query(
      `delete from challenges where id in (
         select id from challenges where expires_at < now() - interval '1 day' limit $1 for update skip locked)`,
      [BATCH_SIZE],
    )) as [unknown, number];
  }
  return total;
}
