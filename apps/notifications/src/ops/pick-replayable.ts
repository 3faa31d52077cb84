import type { EntityManager } from 'typeorm';
import { exactMoment, type Position } from './cursor.js';
import { type DeliveryFilter, filterParameters, filterSql } from './delivery-filter.js';
import { FROZEN, RESTS } from './replay-facts.js';

const BEHIND = '($1::timestamptz is null or (d.first_at, d.id) > ($1::timestamptz, $2::uuid))';

/**
 * The next of the many that a filter names, oldest first.
 * in: filter, the place reached so far, limit · out: ids with their places · lock: none · race: what changes before it is
 * moved is left alone there. The cursor keeps one that fails again meanwhile from being moved twice by one run.
 */
export async function pickReplayable(
  manager: Pick<EntityManager, 'query'>,
  filter: DeliveryFilter,
  after: Position | null,
  limit: number,
): Promise<Position[]> {
  return manager.query(
    `select d.id, ${exactMoment('d.first_at')} as moment from deliveries d
     where ${filterSql(filter, 4)} and ${BEHIND}
     order by d.first_at, d.id limit $3`,
    [after?.moment ?? null, after?.id ?? null, limit, ...filterParameters(filter)],
  );
}

/** How many a filter names behind a place, and how many of them may reach their person twice: as {@link replayOf} says. */
export interface Count {
  readonly count: number;
  readonly mayDuplicate: number;
}

/** in: filter, a place, whether the provider recognises keys · out: {@link Count} · lock: none. */
export async function countReplayable(
  manager: Pick<EntityManager, 'query'>,
  filter: DeliveryFilter,
  after: Position | null,
  isIdempotent: boolean,
): Promise<Count> {
  const [count]: [Count] = await manager.query(
    `select count(*)::int as count, (count(*) filter (where
       d.state <> 'skipped' and (d.unknowns > 0 or split_part(d.reason, ':', 1) = 'no_answer')
       and not ($3::boolean and d.state in ('retrying', 'unknown') and ${RESTS})))::int as "mayDuplicate"
     from deliveries d ${FROZEN} where ${filterSql(filter, 4)} and ${BEHIND}`,
    [after?.moment ?? null, after?.id ?? null, isIdempotent, ...filterParameters(filter)],
  );
  return count;
}
