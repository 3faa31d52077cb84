import type { DeliveryState } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';
import type { ReplayFacts } from './replay.js';
import { FACTS, FROZEN, IS_WIPED } from './replay-facts.js';

/**
 * dead | skipped | accepted → retrying, due now, as if it had never been tried: a fresh request under a new key.
 * One that was accepted is sent again on purpose, as another message; the rest keep their Message-ID, since an attempt without an
 * answer may have arrived.
 * retrying | unknown → due now, with counters and request as they are; with a fresh request, too, once an unanswered one
 * rests no more or its key is too old to protect anybody. A code that was wiped stays where it is.
 * in: delivery ids, the states that they may be in · out: those that moved, with what they were, oldest first · lock: these
 * rows, skipping locked ones · race: one that is claimed, settled or replayed meanwhile is in another state by then or held by
 * somebody, and stays as it is; the fence is not touched, so a late answer to an earlier attempt counts as it did before.
 */
export async function replayDeliveries(
  manager: Pick<EntityManager, 'query'>,
  ids: readonly string[],
  states: readonly DeliveryState[],
): Promise<ReplayFacts[]> {
  return manager.query(
    `with asked as (
       select ${FACTS}
       from deliveries d ${FROZEN}
       where d.id = any ($1::uuid[]) and d.state = any ($2::text[]) and not ${IS_WIPED}
       order by d.id
       for update of d skip locked
     ), moved as (
       update deliveries d set
         state = case when a.keeps then d.state else 'retrying' end,
         reason = case when a.keeps then d.reason else 'replayed' end,
         tries = case when a.keeps then d.tries else 0 end,
         unknowns = case when a.keeps then d.unknowns else 0 end,
         batch_id = case when a.keeps then d.batch_id end,
         generation = d.generation + case when a.keeps then 0 else 1 end,
         copies = d.copies + case when a.state = 'accepted' then 1 else 0 end,
         provider_ref = case when a.keeps then d.provider_ref end,
         feedback = case when a.keeps then d.feedback end, feedback_at = case when a.keeps then d.feedback_at end,
         settled_at = null, due_at = now()
       from asked a
       where d.id = a.id and d.state = a.state
       returning d.id
     )
     select a.* from moved m join asked a on a.id = m.id order by a.id`,
    [ids, states],
  );
}
