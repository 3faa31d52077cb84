import { inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** Clients retry within minutes; keys are guaranteed for a day. */
const KEPT_HOURS = 25;
const BATCH_SIZE = 1_000;

/** Deletes keys that are older than 25 hours. Returns their number. */
export function purgeIdempotencyKeys(
  dataSource: DataSource,
  { signal }: { signal?: AbortSignal } = {},
): Promise<number> {
  const options = { batchSize: BATCH_SIZE, ...(signal && { signal }) };
  return inBatches((limit) => purgeBatch(dataSource, limit), options);
}

/** Locks the rows of its batch only, and skips rows that are being deleted. */
async function purgeBatch(dataSource: DataSource, limit: number): Promise<number> {
  const [, count]: [unknown, number] = await dataSource.query(
    `delete from idempotency_keys where ctid = any(array(
       select ctid from idempotency_keys where created_at < now() - make_interval(hours => $1)
       order by created_at limit $2 for update skip locked))`,
    [KEPT_HOURS, limit],
  );
  return count;
}
