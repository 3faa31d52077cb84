import type { EntityManager } from 'typeorm';
import { fences, type LeasedDelivery } from './delivery.js';

/**
 * leased | sending → retrying: a definite failure, or held back by the ceiling. Stays outside the folding index, because a
 * newer one may be pending and going back to `pending` would break its uniqueness.
 * in: deliveries, reason, when due · out: nothing · lock: these rows · race: a lost lease changes nothing.
 */
export async function markRetrying(
  manager: Pick<EntityManager, 'query'>,
  failed: readonly { delivery: LeasedDelivery; reason: string; dueAt: Date }[],
): Promise<void> {
  await manager.query(
    `update deliveries d set state = 'retrying', reason = m.reason, due_at = m.due_at, leased_by = null, lease_until = null
     from unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[]) as m (id, fence, reason, due_at)
     where d.id = m.id and d.fence = m.fence and d.state in ('leased', 'sending')`,
    [
      ...fences(failed.map(({ delivery }) => delivery)),
      failed.map(({ reason }) => reason),
      failed.map(({ dueAt }) => dueAt),
    ],
  );
}
