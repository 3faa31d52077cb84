import type { EntityManager } from 'typeorm';
import { fences, type LeasedDelivery } from './delivery.js';

/**
 * leased → skipped, leased | sending | unknown → dead: nothing more will be tried.
 * in: deliveries with reasons · out: ids that changed · lock: these rows · race: a lost lease changes nothing.
 */
export async function markSettled(
  manager: EntityManager,
  state: 'skipped' | 'dead',
  settled: readonly { delivery: LeasedDelivery; reason: string }[],
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update deliveries d set state = $1, reason = m.reason, settled_at = now(), leased_by = null, lease_until = null
     from unnest($2::uuid[], $3::bigint[], $4::text[]) as m (id, fence, reason)
     where d.id = m.id and d.fence = m.fence and d.state = any ($5::text[])
     returning d.id`,
    [
      state,
      ...fences(settled.map(({ delivery }) => delivery)),
      settled.map(({ reason }) => reason),
      state === 'skipped' ? ['leased'] : ['leased', 'sending', 'unknown'],
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
