import type { EntityManager } from 'typeorm';
import { fences, type LeasedDelivery } from '../delivery.js';

/**
 * leased | sending → skipped, leased | sending | unknown → dead: no more attempts. A delivery that expired while it was
 * `sending`, and failed for certain, is skipped.
 * in: deliveries with reasons, and whether the last attempt had no answer · out: ids that changed · lock: these rows ·
 * race: a lost lease changes nothing.
 */
export async function markSettled(
  manager: EntityManager,
  state: 'skipped' | 'dead',
  settled: readonly { delivery: LeasedDelivery; reason: string; isUnanswered?: boolean }[],
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update deliveries d set state = $1, reason = m.reason, settled_at = now(), leased_by = null, lease_until = null,
       unknowns = d.unknowns + m.is_unanswered::int
     from unnest($2::uuid[], $3::bigint[], $4::text[], $6::boolean[]) as m (id, fence, reason, is_unanswered)
     where d.id = m.id and d.fence = m.fence and d.state = any ($5::text[])
     returning d.id`,
    [
      state,
      ...fences(settled.map(({ delivery }) => delivery)),
      settled.map(({ reason }) => reason),
      state === 'skipped' ? ['leased', 'sending'] : ['leased', 'sending', 'unknown'],
      settled.map(({ isUnanswered = false }) => isUnanswered),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
