import type { DeliveryState } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';
import type { ReplayFacts } from './replay.js';
import { IS_WIPED, JOIN_FROZEN, REPLAY_COLUMNS } from './replay-facts.js';

/**
 * dead | skipped | accepted → retrying, due now, as if it had never been tried: a fresh request under a new key.
 * An accepted one is sent again on purpose, as another message; the others keep their Message-ID, since an unanswered attempt may
 * have arrived.
 * retrying | unknown → due now, with the same counters and request. It also gets a fresh request when the unanswered one is no
 * longer stored, or its key is too old for the provider to recognise it. A delivery whose code was wiped does not change.
 * in: delivery ids, the states that they may be in · out: replayed ones, with their former state, oldest first · lock: these
 * rows, skipping locked ones · race: a delivery that is claimed, settled or replayed meanwhile has another state or is locked,
 * and does not change; the fence does not change, so a late answer to an earlier attempt is still recorded.
 */
export async function replayDeliveries(
  manager: Pick<EntityManager, 'query'>,
  ids: readonly string[],
  states: readonly DeliveryState[],
): Promise<ReplayFacts[]> {
  return manager.query(
    `with asked as (
       select ${REPLAY_COLUMNS}
       from deliveries d ${JOIN_FROZEN}
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
