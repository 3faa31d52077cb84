import type { EntityManager } from 'typeorm';
import { KEY_HOURS } from '../dispatch/preparation/load-frozen.js';
import type { ReplayFacts } from './replay.js';

/** The frozen request is stored, and its key is young enough for a provider to recognise it. */
export const HAS_FROZEN_REQUEST = `coalesce(f.frozen_at > now() - interval '${KEY_HOURS} hours', false)`;

/** Its code was wiped, so no fresh request can be composed. */
export const IS_WIPED = `(d.template = 'code' and not exists (select from sealed_codes c where c.delivery_id = d.id))`;

/** Columns over `deliveries d left join frozen_requests f`, as {@link ReplayFacts} names them. */
export const REPLAY_COLUMNS = `d.id, d.channel, d.state, d.reason, d.unknowns, ${HAS_FROZEN_REQUEST} as "hasFrozenRequest",
  ${IS_WIPED} as "isWiped",
  (d.state = 'retrying' and d.unknowns = 0) or (d.state in ('retrying', 'unknown') and ${HAS_FROZEN_REQUEST}) as keeps`;
export const JOIN_FROZEN = 'left join frozen_requests f on f.batch_id = d.batch_id';

/** in: delivery ids · out: what decides how each would be replayed, oldest first · lock: none. */
export async function loadReplayFacts(
  manager: Pick<EntityManager, 'query'>,
  ids: readonly string[],
): Promise<ReplayFacts[]> {
  return manager.query(
    `select ${REPLAY_COLUMNS} from deliveries d ${JOIN_FROZEN}
     where d.id = any ($1::uuid[]) order by d.id`,
    [ids],
  );
}
