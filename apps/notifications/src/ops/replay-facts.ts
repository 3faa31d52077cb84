import type { EntityManager } from 'typeorm';
import { KEY_HOURS } from '../dispatch/preparation/load-frozen.js';
import type { ReplayFacts } from './replay.js';

/** The exact request is here, and its key is young enough for a provider to know it. */
export const RESTS = `coalesce(f.frozen_at > now() - interval '${KEY_HOURS} hours', false)`;

/** Its code is gone, and with it all that a fresh request could be made of. */
export const IS_WIPED = `(d.template = 'code' and not exists (select from sealed_codes c where c.delivery_id = d.id))`;

/** Columns over `deliveries d left join frozen_requests f`, as {@link ReplayFacts} names them. */
export const FACTS = `d.id, d.channel, d.state, d.reason, d.unknowns, ${RESTS} as rests,
  ${IS_WIPED} as "isWiped",
  (d.state = 'retrying' and d.unknowns = 0) or (d.state in ('retrying', 'unknown') and ${RESTS}) as keeps`;
export const FROZEN = 'left join frozen_requests f on f.batch_id = d.batch_id';

/** in: delivery ids · out: what a replay would make of them, oldest first · lock: none. */
export async function loadReplayFacts(
  manager: Pick<EntityManager, 'query'>,
  ids: readonly string[],
): Promise<ReplayFacts[]> {
  return manager.query(
    `select ${FACTS} from deliveries d ${FROZEN}
     where d.id = any ($1::uuid[]) order by d.id`,
    [ids],
  );
}
