import type { DecisionView } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';

/**
 * What was decided on one event, without anybody's address: the key of a guest ends in theirs, so only its kind is read.
 * in: system, event id · out: decisions · lock: none.
 */
export async function loadDecisions(
  manager: Pick<EntityManager, 'query'>,
  system: string,
  eventId: string,
): Promise<DecisionView[]> {
  const rows: { decision: DecisionView }[] = await manager.query(
    `select json_build_object(
       'recipient', case when c.recipient_key <> '' then json_build_object(
         'kind', case p.kind when 'team' then 'agent' else p.kind end,
         'id', case when p.kind in ('user', 'agent') then substring(c.recipient_key from '^[^:]*:[^:]*:(.*)$') end) end,
       'channel', c.channel,
       'outcome', case when c.delivery_id is null or d.state = 'skipped' then 'skip' else 'deliver' end,
       'reason', coalesce(c.reason, d.reason), 'deliveryId', c.delivery_id, 'dueAt', d.due_at) as decision
     from decisions c
     left join deliveries d on d.id = c.delivery_id
     cross join lateral (select split_part(c.recipient_key, ':', 2) as kind) p
     where c.event_id = $2 and c.system = $1
     order by c.recipient_key, c.channel`,
    [system, eventId],
  );
  return rows.map(({ decision }) => decision);
}
