import type { DecisionView } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';

/** A decision about an event, and the system that published it. */
export interface StoredDecision {
  readonly system: string;
  readonly view: DecisionView;
}

/**
 * Decisions about an event, without addresses: the key of a guest ends in one, so only its kind is read.
 * in: event id; system, or null for all that have used this id · out: decisions, by system and recipient · lock: none.
 */
export async function loadDecisions(
  manager: Pick<EntityManager, 'query'>,
  eventId: string,
  system: string | null,
): Promise<StoredDecision[]> {
  return manager.query(
    `select c.system, json_build_object(
       'recipient', case when c.recipient_key <> '' then json_build_object(
         'role', case p.kind when 'team' then 'team' when 'agent' then 'assignee' else 'requester' end,
         'kind', case p.kind when 'team' then 'agent' else p.kind end,
         'id', case when p.kind in ('user', 'agent') then substring(c.recipient_key from '^[^:]*:[^:]*:(.*)$') end) end,
       'channel', nullif(c.channel, ''),
       'outcome', case when c.delivery_id is null or d.state = 'skipped' then 'skip' else 'deliver' end,
       'reason', coalesce(c.reason, d.reason), 'rule', c.rule, 'decidedAt', c.decided_at,
       'deliveryId', c.delivery_id, 'state', d.state, 'dueAt', d.due_at) as view
     from decisions c
     left join deliveries d on d.id = c.delivery_id
     cross join lateral (select split_part(c.recipient_key, ':', 2) as kind) p
     where c.event_id = $1 and ($2::text is null or c.system = $2)
     order by c.system, c.recipient_key, c.channel`,
    [eventId, system],
  );
}
