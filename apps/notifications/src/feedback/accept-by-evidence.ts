import type { EntityManager } from 'typeorm';
import type { FeedbackChange } from './feedback-change.js';

/**
 * unknown → accepted, and so for every other state that an unanswered attempt led to: a report about the mail proves that the
 * provider has it.
 * in: changes · out: ids that changed · lock: these rows, held already · race with the dispatcher: the fence is not compared,
 * since the proof is valid whoever holds the lease. A row claimed for a second attempt is no longer `leased` when that attempt
 * would begin, so nothing is sent. One whose second attempt is under way is no longer `sending` when its answer comes, so the
 * answer changes nothing. A row whose first attempt is under way waits for its own answer.
 */
export async function acceptByEvidence(
  manager: EntityManager,
  changes: readonly FeedbackChange[],
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update deliveries d set state = 'accepted', reason = null, provider_ref = coalesce(m.ref, d.provider_ref),
       settled_at = now(), leased_by = null, lease_until = null
     from unnest($1::uuid[], $2::text[]) as m (id, ref)
     where d.id = m.id and (
       d.state = 'unknown'
       or (d.unknowns > 0 and d.state in ('retrying', 'leased', 'sending'))
       or (d.state = 'dead' and d.reason = 'no_answer'))
     returning d.id`,
    [changes.map(({ delivery }) => delivery.id), changes.map(({ ref }) => ref)],
  );
  return new Set(rows.map(({ id }) => id));
}
