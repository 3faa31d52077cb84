import type { EntityManager } from 'typeorm';
import { type DeliveryFilter, filterParameters, filterSql } from './delivery-filter.js';
import { FROZEN, IS_WIPED, RESTS } from './replay-facts.js';

const BEHIND = 'd.id > $1::uuid';
/** Below all ids. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * The next of the many that a filter names, oldest first.
 * in: filter, the id reached so far, limit · out: ids · lock: none · race: what changes before it is
 * moved is left alone there. The cursor keeps one that fails again meanwhile from being moved twice by one run.
 */
export async function pickReplayable(
  manager: Pick<EntityManager, 'query'>,
  filter: DeliveryFilter,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const rows: { id: string }[] = await manager.query(
    `select d.id from deliveries d where ${filterSql(filter, 3)} and ${BEHIND} and not ${IS_WIPED} order by d.id limit $2`,
    [after ?? NO_ID, limit, ...filterParameters(filter)],
  );
  return rows.map(({ id }) => id);
}

/** How many a filter names behind an id, and how many of them may reach their person twice: as {@link replayOf} says. */
export interface Count {
  readonly count: number;
  readonly mayDuplicate: number;
}

/** in: filter, an id, the channels whose providers recognise keys · out: {@link Count} · lock: none. Looks at all: for dry runs only. */
export async function countReplayable(
  manager: Pick<EntityManager, 'query'>,
  filter: DeliveryFilter,
  after: string | null,
  idempotentChannels: readonly string[],
): Promise<Count> {
  const [count]: [Count] = await manager.query(
    `select count(*)::int as count, (count(*) filter (where
       (d.unknowns > 0 or split_part(d.reason, ':', 1) = 'no_answer')
       and not (d.channel = any ($2::text[]) and d.state in ('retrying', 'unknown') and ${RESTS})))::int as "mayDuplicate"
     from deliveries d ${FROZEN} where ${filterSql(filter, 3)} and ${BEHIND} and not ${IS_WIPED}`,
    [after ?? NO_ID, idempotentChannels, ...filterParameters(filter)],
  );
  return count;
}
