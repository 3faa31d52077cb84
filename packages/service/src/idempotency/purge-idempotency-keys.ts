import { type BatchOptions, deleteInBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** Clients retry within minutes; keys are guaranteed for a day. */
const KEPT_HOURS = 25;
const BATCH_SIZE = 1_000;

/** in: how many rows at most, age in hours · out: how many were deleted · lock: the rows of its batch, skipping locked ones. */
const SQL = `
  delete from idempotency_keys where ctid = any(array(
    select ctid from idempotency_keys where created_at < now() - make_interval(hours => $2)
    order by created_at limit $1 for update skip locked))`;

/** Deletes keys that are older than 25 hours. @returns how many */
export function purgeIdempotencyKeys(dataSource: DataSource, options: BatchOptions = {}): Promise<number> {
  return deleteInBatches(dataSource, SQL, [KEPT_HOURS], { batchSize: BATCH_SIZE, ...options });
}
