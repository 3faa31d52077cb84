import { inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** A provider tries for about a day; a person may ask it to send one again for some days more. */
const RECEIPT_DAYS = 7;
/**
 * Forgets webhooks that came more than a week ago, batch by batch.
 * in: signal that ends it after a batch · out: how many went · lock: the deleted rows, skipping locked ones · race: none, a
 * webhook this old is refused for its age before anybody asks whether it has been here.
 */
export function purgeReceipts(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  return inBatches(
    async (limit) => {
      const [, count]: [unknown, number] = await dataSource.query(
        `delete from webhook_receipts where webhook_id in (
         select webhook_id from webhook_receipts where received_at < now() - $1::interval limit $2
         for update skip locked)`,
        [`${RECEIPT_DAYS} days`, limit],
      );
      return count;
    },
    { signal },
  );
}
