import type { DataSource } from 'typeorm';

/**
 * Input: an age in whole days (UTC, by the database's clock) and a batch size. Result: how many keys were forgotten.
 * Lock: those rows. Found by `seen_on` and deleted by their place in the table, without looking up a single key.
 */
export async function purgeInboxBatch(dataSource: DataSource, days: number, limit: number): Promise<number> {
  const [, count] = await dataSource.query<[unknown[], number]>(
    `delete from inbox
      where ctid = any (array(select ctid from inbox
                               where seen_on < (now() at time zone 'utc')::date - $1::int
                               order by seen_on
                               limit $2))`,
    [days, limit],
  );
  return count;
}
