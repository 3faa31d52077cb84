import type { DataSource } from 'typeorm';

/** A batch takes milliseconds, so that it does not hold up vacuum. */
const BATCH_SIZE = 5_000;

export interface BatchOptions {
  /** Rows per statement. Default 5,000. */
  batchSize?: number;
  /** Stops after the current batch; if aborted before the first, nothing is deleted. */
  signal?: AbortSignal;
}

/**
 * Deletes many rows by one statement that is repeated.
 * @param sql deletes at most `$1` rows; its other values are `$2`, `$3`, …
 * @returns how many rows were deleted in all
 */
export function deleteInBatches(
  dataSource: Pick<DataSource, 'query'>,
  sql: string,
  values: readonly unknown[],
  options: BatchOptions = {},
): Promise<number> {
  return inBatches(async (limit) => {
    const [, count] = await dataSource.query<[unknown, number]>(sql, [limit, ...values]);
    return count;
  }, options);
}

/**
 * Deletes many rows without a long transaction.
 * @param purge deletes at most `limit` rows and returns how many
 * @returns how many rows were deleted in all
 */
export async function inBatches(
  purge: (limit: number) => Promise<number>,
  options: BatchOptions = {},
): Promise<number> {
  const limit = options.batchSize ?? BATCH_SIZE;
  let total = 0;
  for (let count = limit; count === limit && !options.signal?.aborted; total += count) count = await purge(limit);
  return total;
}
