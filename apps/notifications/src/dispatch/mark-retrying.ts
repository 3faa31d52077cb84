import type { EntityManager } from 'typeorm';
import { fences, type LeasedDelivery } from './delivery.js';

/**
 * leased | sending → retrying: a definite failure, or held back by the ceiling. Stays outside the folding index, because a
 * newer one may be pending and going back to `pending` would break its uniqueness.
 * in: deliveries, reason, wait in milliseconds from now by the database's clock · out: ids that changed · lock: these rows ·
 * race: a lost lease changes nothing.
 */
export async function markRetrying(
  manager: Pick<EntityManager, 'query'>,
  failed: readonly { delivery: LeasedDelivery; reason: string; waitMs: number }[],
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update deliveries d set state = 'retrying', reason = m.reason, due_at = now() + m.wait_ms * interval '1 millisecond',
       leased_by = null, lease_until = null
     from unnest($1::uuid[], $2::bigint[], $3::text[], $4::float8[]) as m (id, fence, reason, wait_ms)
     where d.id = m.id and d.fence = m.fence and d.state in ('leased', 'sending')
     returning d.id`,
    [
      ...fences(failed.map(({ delivery }) => delivery)),
      failed.map(({ reason }) => reason),
      failed.map(({ waitMs }) => waitMs),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
