import { inBatches } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { DAYS_AFTER_CLOSING } from './link.js';

/**
 * Forgets links that are dead for good, batch by batch: revoked, or of a ticket closed for longer than they live. One day more than
 * that, so that nobody's clock matters. Who reopens such a ticket hears of it, with a new link.
 * in: signal that ends it after a batch · out: how many went · lock: the deleted rows, skipping locked ones · race: none.
 */
export function purgeLinks(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  return inBatches(
    async (limit) => {
      const [, count]: [unknown, number] = await dataSource.query(
        `delete from links where delivery_id in (
         select l.delivery_id from links l left join tickets t on t.id = l.ticket_id
         where least(l.revoked_at, t.closed_at) < now() - make_interval(days => $1)
         limit $2 for update of l skip locked)`,
        [DAYS_AFTER_CLOSING + 1, limit],
      );
      return count;
    },
    { signal },
  );
}
