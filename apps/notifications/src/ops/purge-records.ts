import type { DataSource } from 'typeorm';

/** As long as the inbox knows an event: afterwards nothing can ask about it any more. */
const KEPT_DAYS = 30;
const BATCH_SIZE = 5_000;

/**
 * Deletes a batch of settled deliveries and decisions past their time; what is unsettled stays, however old.
 * in: nothing · out: rows deleted · lock: the deleted rows, skipping locked ones · race: none, nothing else changes them.
 */
export async function purgeRecords(dataSource: DataSource): Promise<number> {
  const [, deliveries]: [unknown, number] = await dataSource.query(
    `delete from deliveries where id in (
       select id from deliveries where settled_at < now() - $1 * interval '1 day' limit $2 for update skip locked)`,
    [KEPT_DAYS, BATCH_SIZE],
  );
  const [, decisions]: [unknown, number] = await dataSource.query(
    `delete from decisions where ctid = any (array(
       select ctid from decisions where decided_at < now() - $1 * interval '1 day' limit $2))`,
    [KEPT_DAYS, BATCH_SIZE],
  );
  return deliveries + decisions;
}
