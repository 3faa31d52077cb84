import type { DataSource } from 'typeorm';

/** Clients retry within minutes; a day is what they may count on. */
const KEPT_HOURS = 25;
const BATCH_SIZE = 1_000;

/** Forgets the keys that are older than 25 hours. Returns how many. */
export async function purgeIdempotencyKeys(
  dataSource: DataSource,
  options: { signal?: AbortSignal } = {},
): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await purgeBatch(dataSource);
    total += count;
    if (count < BATCH_SIZE || options.signal?.aborted) return total;
  }
}

/** Locks the rows of its batch only, and skips what somebody else is deleting. */
async function purgeBatch(dataSource: DataSource): Promise<number> {
  const [, count]: [unknown, number] = await dataSource.query(
    `delete from idempotency_keys where ctid = any(array(
       select ctid from idempotency_keys where created_at < now() - make_interval(hours => $1)
       order by created_at limit $2 for update skip locked))`,
    [KEPT_HOURS, BATCH_SIZE],
  );
  return count;
}
