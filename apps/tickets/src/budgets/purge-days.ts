import { deleteInBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** in: how many rows at most · out: how many were deleted · lock: the deleted rows, skipping locked ones · race: none. */
const SQL = `
  delete from person_days where (person_id, day) in (
    select person_id, day from person_days where day < (now() at time zone 'utc')::date limit $1 for update skip locked)`;

/** Deletes the counters of past days. */
export function purgeDays(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  return deleteInBatches(dataSource, SQL, [], { signal });
}
