import type { EntityManager } from 'typeorm';
import { fences, type LeasedDelivery } from '../delivery.js';

/**
 * sending → unknown: the bytes were sent and no answer came. Due again later, with the same bytes under the same key.
 * in: deliveries, reason, wait in milliseconds · out: ids that changed · lock: these rows · race: a lost lease changes nothing; the
 * sweep that ended it has set the same state.
 */
export async function markUnknown(
  manager: EntityManager,
  unanswered: readonly { delivery: LeasedDelivery; reason: string; waitMs: number }[],
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update deliveries d set state = 'unknown', unknowns = d.unknowns + 1, reason = m.reason,
       due_at = least(now() + m.wait_ms * interval '1 millisecond', d.expires_at), leased_by = null, lease_until = null
     from unnest($1::uuid[], $2::bigint[], $3::text[], $4::float8[]) as m (id, fence, reason, wait_ms)
     where d.id = m.id and d.fence = m.fence and d.state = 'sending'
     returning d.id`,
    [
      ...fences(unanswered.map(({ delivery }) => delivery)),
      unanswered.map(({ reason }) => reason),
      unanswered.map(({ waitMs }) => waitMs),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
