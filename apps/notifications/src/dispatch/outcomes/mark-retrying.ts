import type { EntityManager } from 'typeorm';
import { fences, type LeasedDelivery } from '../delivery.js';

/** A delivery that waits: its attempt failed for certain, or none was made. */
export interface Retrying {
  readonly delivery: LeasedDelivery;
  readonly reason: string;
  readonly waitMs: number;
  /** The attempt does not count: the delivery did not cause the failure, or none was made. */
  readonly isFree?: boolean;
  /**
   * From now on it is sent by itself. The provider has refused the request under its key, so it took no earlier attempt
   * either.
   */
  readonly isAlone?: boolean;
}

/**
 * leased | sending → retrying: the attempt failed for certain, or the delivery is over a ceiling. Stays outside the digest index: a newer
 * delivery may be pending, and going back to `pending` would violate its uniqueness.
 * in: deliveries, reason, wait in milliseconds from now by the database's clock, at most until it expires · out: ids that changed ·
 * lock: these rows · race: a lost lease changes nothing.
 */
export async function markRetrying(
  manager: Pick<EntityManager, 'query'>,
  failed: readonly Retrying[],
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update deliveries d set state = 'retrying', reason = m.reason,
       due_at = least(now() + m.wait_ms * interval '1 millisecond', d.expires_at),
       tries = d.tries - case when m.is_free and d.state = 'sending' then 1 else 0 end, is_alone = d.is_alone or m.is_alone,
       unknowns = case when m.is_alone then 0 else d.unknowns end, leased_by = null, lease_until = null
     from unnest($1::uuid[], $2::bigint[], $3::text[], $4::float8[], $5::boolean[], $6::boolean[])
       as m (id, fence, reason, wait_ms, is_free, is_alone)
     where d.id = m.id and d.fence = m.fence and d.state in ('leased', 'sending')
     returning d.id`,
    [
      ...fences(failed.map(({ delivery }) => delivery)),
      failed.map(({ reason }) => reason),
      failed.map(({ waitMs }) => waitMs),
      failed.map(({ isFree = false }) => isFree),
      failed.map(({ isAlone = false }) => isAlone),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
