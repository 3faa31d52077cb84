import type { DataSource } from 'typeorm';

/**
 * Input: an age in days, by the database's clock, and a batch size. Result: how many published rows were deleted,
 * oldest first. Lock: those rows, which nobody writes any more, so their place in the table is as good as a key. Unpublished rows stay, however old.
 */
export async function purgeLedgerBatch(dataSource: DataSource, days: number, limit: number): Promise<number> {
  const [, count] = await dataSource.query<[unknown[], number]>(
    `delete from outbox
      where ctid = any (array(select ctid from outbox
                               where published_at < now() - make_interval(days => $1)
                               order by published_at
                               limit $2))`,
    [days, limit],
  );
  return count;
}
