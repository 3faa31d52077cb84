import { deleteInBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** A provider retries for about a day; a person may have it send one again for some days more. */
const RECEIPT_DAYS = 7;

/**
 * in: how many rows at most, age in days · out: how many were deleted · lock: the deleted rows, skipping locked ones · race: none, a
 * webhook this old is refused for its age before its receipt is looked up.
 */
const SQL = `
  delete from webhook_receipts where webhook_id in (
    select webhook_id from webhook_receipts where received_at < now() - make_interval(days => $2)
    limit $1 for update skip locked)`;

/** Deletes receipts of webhooks that were received more than a week ago. */
export function purgeReceipts(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  return deleteInBatches(dataSource, SQL, [RECEIPT_DAYS], { signal });
}
