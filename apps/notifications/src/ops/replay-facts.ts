import type { EntityManager } from 'typeorm';
import { TICKETS_WAITING } from '../dispatch/delivery.js';
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

/**
 * What the check before sending would say now. Only a forecast, so that nobody wonders why a replay ends where it began:
 * addresses are compared by case alone, and what counts is the look at the time of sending.
 */
export const REFUSAL = `case
  when d.expires_at <= now() then 'expired'
  when d.recipient_role = 'requester' and k.requester_key <> d.recipient_key then 'requester_changed'
  when d.recipient_role = 'requester' and k.seen_version >= d.version and d.request_id is null then 'seen'
  when t.version > d.version and d.request_id is null and d.template <> '${TICKETS_WAITING}' then 'overtaken'
  when d.recipient_role <> 'team' and s.endpoint is not null then 'address_suppressed' end as refusal`;
export const CIRCUMSTANCES = `
  left join known_tickets k on k.system = d.system and k.ticket_id = d.ticket_id
  left join told t on t.recipient_key = d.recipient_key and t.system = d.system and t.ticket_id = d.ticket_id
    and t.channel = d.channel
  left join suppressions s on s.channel = d.channel and s.endpoint = lower(normalize(d.endpoint)) and (s.systems is null or d.system = any (s.systems))`;

/** in: delivery ids · out: what a replay would make of them, oldest first · lock: none. */
export async function loadReplayFacts(
  manager: Pick<EntityManager, 'query'>,
  ids: readonly string[],
): Promise<ReplayFacts[]> {
  return manager.query(
    `select ${FACTS}, ${REFUSAL} from deliveries d ${FROZEN} ${CIRCUMSTANCES}
     where d.id = any ($1::uuid[]) order by d.id`,
    [ids],
  );
}
