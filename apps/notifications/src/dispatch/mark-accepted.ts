import type { EntityManager } from 'typeorm';
import { fences, type LeasedDelivery } from './delivery.js';

/**
 * sending | unknown → accepted.
 * in: deliveries with the provider's reference · out: ids that changed · lock: these rows · race: our own answer may come
 * after the lease ran out; with the same fence it still settles what had become unknown.
 */
export async function markAccepted(
  manager: EntityManager,
  accepted: readonly { delivery: LeasedDelivery; ref: string }[],
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update deliveries d set state = 'accepted', reason = null, provider_ref = m.ref, settled_at = now(),
       leased_by = null, lease_until = null
     from unnest($1::uuid[], $2::bigint[], $3::text[]) as m (id, fence, ref)
     where d.id = m.id and d.fence = m.fence and d.state in ('sending', 'unknown')
     returning d.id`,
    [...fences(accepted.map(({ delivery }) => delivery)), accepted.map(({ ref }) => ref)],
  );
  return new Set(rows.map(({ id }) => id));
}
