import type { EntityManager } from 'typeorm';
import { type DeliveryFilter, filterParameters, filterSql } from './delivery-filter.js';
import { HAS_FROZEN_REQUEST, IS_WIPED, JOIN_FROZEN } from './replay-facts.js';

const AFTER_ID = 'd.id > $1::uuid';
/** The lowest id. */
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * The next batch of deliveries that match a filter, oldest first.
 * in: filter, the id reached so far, limit · out: ids · lock: none · race: a delivery that changes before it is replayed is left
 * alone by that statement. With the cursor one run replays no delivery twice, even if it fails again meanwhile.
 */
export async function pickReplayable(
  manager: Pick<EntityManager, 'query'>,
  filter: DeliveryFilter,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const rows: { id: string }[] = await manager.query(
    `select d.id from deliveries d where ${filterSql(filter, 3)} and ${AFTER_ID} and not ${IS_WIPED} order by d.id limit $2`,
    [after ?? LOWEST_ID, limit, ...filterParameters(filter)],
  );
  return rows.map(({ id }) => id);
}

/** How many deliveries after an id match a filter, and how many of them may arrive twice by the rule of {@link replayOf}. */
export interface Count {
  readonly count: number;
  readonly mayDuplicate: number;
}

/** in: filter, an id, the channels whose providers recognise keys · out: {@link Count} · lock: none. Reads all of them: for dry runs only. */
export async function countReplayable(
  manager: Pick<EntityManager, 'query'>,
  filter: DeliveryFilter,
  after: string | null,
  idempotentChannels: readonly string[],
): Promise<Count> {
  const [count]: [Count] = await manager.query(
    `select count(*)::int as count, (count(*) filter (where
       (d.unknowns > 0 or split_part(d.reason, ':', 1) = 'no_answer')
       and not (d.channel = any ($2::text[]) and d.state in ('retrying', 'unknown') and ${HAS_FROZEN_REQUEST})))::int as "mayDuplicate"
     from deliveries d ${JOIN_FROZEN} where ${filterSql(filter, 3)} and ${AFTER_ID} and not ${IS_WIPED}`,
    [after ?? LOWEST_ID, idempotentChannels, ...filterParameters(filter)],
  );
  return count;
}
