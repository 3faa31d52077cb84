import type { DataSource } from 'typeorm';
import { deleteUnproven } from './delete-unproven.js';
import { forgetGuests } from './forget-guests.js';

const KEPT_HOURS = 72;
const BATCH_SIZE = 200;

/** Deletes tickets that nobody has proven within 72 hours, with all that was written in them, and the addresses that are left. */
export async function purgeUnproven(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const keys = await dataSource.transaction(async (manager) => {
      const deleted = await deleteUnproven(manager, KEPT_HOURS, BATCH_SIZE);
      await forgetGuests(manager, [...new Set(deleted)]);
      return deleted;
    });
    total += keys.length;
    if (keys.length < BATCH_SIZE) break;
  }
  // A client may repeat a filing for a day; after that nobody asks what became of its question.
  await dataSource.query(`delete from guest_filings where leased_until < now() - make_interval(hours => $1)`, [
    KEPT_HOURS,
  ]);
  return total;
}
