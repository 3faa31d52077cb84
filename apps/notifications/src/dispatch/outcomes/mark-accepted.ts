import type { EntityManager } from 'typeorm';
import { fences, type LeasedDelivery } from '../delivery.js';

/**
 * sending → accepted; also every state that an unanswered attempt led to, when the answer comes late.
 * in: deliveries with the provider's reference · out: ids that changed · lock: these rows · race: a dispatcher that
 * has claimed it for a second attempt finds it settled when it begins to send, and sends nothing.
 */
export async function markAccepted(
  manager: EntityManager,
  accepted: readonly { delivery: LeasedDelivery; ref: string }[],
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update deliveries d set state = 'accepted', reason = null, provider_ref = m.ref, settled_at = now(),
       leased_by = null, lease_until = null
     from unnest($1::uuid[], $2::bigint[], $3::text[]) as m (id, fence, ref)
     where d.id = m.id and (
       (d.fence = m.fence and d.state = 'sending')
       or (d.fence >= m.fence and d.unknowns > 0
         and (d.state in ('unknown', 'retrying', 'leased') or (d.state = 'dead' and d.reason = 'no_answer'))))
     returning d.id`,
    [...fences(accepted.map(({ delivery }) => delivery)), accepted.map(({ ref }) => ref)],
  );
  return new Set(rows.map(({ id }) => id));
}
