import { deleteInBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { CHECK_WINDOW_MINUTES } from './spend-check.js';

/** Deletes counts whose window has ended. in: age, batch size · lock: the deleted rows, skipping locked ones · race: none, such a count begins anew. */
export function purgeChecks(dataSource: DataSource, options: { signal: AbortSignal }): Promise<number> {
  const sql = `delete from mail_check_counts where ctid = any (array(
    select ctid from mail_check_counts where began_at < now() - $2::interval limit $1 for update skip locked))`;
  return deleteInBatches(dataSource, sql, [`${CHECK_WINDOW_MINUTES} minutes`], options);
}
