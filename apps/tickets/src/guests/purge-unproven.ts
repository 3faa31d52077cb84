import { inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { deleteUnproven } from './delete-unproven.js';
import { forgetFilingNetworks } from './forget-filing-networks.js';
import { forgetGuests } from './forget-guests.js';

const KEPT_HOURS = 72;
const BATCH_SIZE = 200;

/** Deletes tickets that were not proven within 72 hours, with their messages, and addresses without tickets. */
export async function purgeUnproven(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  const batch = (limit: number) =>
    dataSource.transaction(async (manager) => {
      const deleted = await deleteUnproven(manager, KEPT_HOURS, limit);
      await forgetGuests(manager, [...new Set(deleted)]);
      return deleted.length;
    });
  const total = await inBatches(batch, { batchSize: BATCH_SIZE, signal });
  await forgetFilingNetworks(dataSource.manager);
  // A client may repeat a filing for a day; after that the state of its challenge is not needed.
  await dataSource.query(`delete from guest_filings where leased_until < now() - make_interval(hours => $1)`, [
    KEPT_HOURS,
  ]);
  return total;
}
