import type { EntityManager } from 'typeorm';
import { MAX_EVENT_IDS } from '../../planning/digest.js';
import { fences, type LeasedDelivery, TICKETS_WAITING } from '../delivery.js';
import type { NotifiedDelivery } from '../outcomes/notification-events.js';

/** With fewer others each delivery to the team is sent by itself. */
export const MIN_OTHERS = 3;
/** Upper bound for one digest; the rest goes into the next. */
const MAX_OTHERS = 1_000;

export interface MergedTeam {
  /** How many tickets the leader names now. */
  readonly tickets: number;
  readonly merged: readonly (NotifiedDelivery & { readonly template: string })[];
}

const TICKETS = `case when template = '${TICKETS_WAITING}' then replies else 1 end`;
/** By an index, whatever the plan. */
const waiting = (condition: string) => `
  select d.id from leader l
  cross join lateral (
    select id from deliveries
    where recipient_key = l.recipient_key and channel = l.channel and id <> l.id and ${condition}
    limit ${MAX_OTHERS} for update skip locked
  ) d`;

/**
 * pending | retrying | leased → skipped (folded): everything that waits for the team becomes one delivery that is about to be sent.
 * in: the leader, others of the same claim · out: what was merged, nothing when there are too few · lock: these rows, skipping those
 * of others · race: an event that comes meanwhile finds no pending row and makes a new one; the watermark rises in the same
 * statement, so that an older fact arriving later is overtaken. A delivery with an unanswered attempt may have arrived: it stays.
 */
export async function mergeTeamDeliveries(
  manager: EntityManager,
  leader: LeasedDelivery,
  claimed: readonly LeasedDelivery[],
): Promise<MergedTeam> {
  const rows: (MergedTeam['merged'][number] & { tickets: number })[] = await manager.query(
    `with leader as (
       select id, recipient_key, channel from deliveries where id = $1 and fence = $2 and state = 'leased' for update
     ), claimed as (
       select d.id from leader cross join unnest($3::uuid[], $4::bigint[]) as m (id, fence)
       cross join lateral (select id, fence, state from deliveries where id = m.id limit 1 for update) d
       where d.fence = m.fence and d.state = 'leased'
     ), pending as (${waiting(`state = 'pending'`)}
     ), retrying as (${waiting(`state = 'retrying' and unknowns = 0`)}
     ), others as (
       select id from claimed union all select id from pending union all select id from retrying
     ), folded as (
       update deliveries d set state = 'skipped', reason = 'folded', folded_into = $1, settled_at = now(),
         leased_by = null, lease_until = null
       where d.id = any (array(select id from others)) and (select count(*) from others) >= ${MIN_OTHERS}
       returning d.*
     ), telling as (
       insert into told as t (recipient_key, system, ticket_id, channel, version)
       select recipient_key, system, ticket_id, channel, max(version) from folded
       group by recipient_key, system, ticket_id, channel
       order by recipient_key, system, ticket_id
       on conflict (recipient_key, system, ticket_id, channel) do update
       set version = greatest(t.version, excluded.version), told_at = now()
     ), told_by as (
       update deliveries d set template = '${TICKETS_WAITING}', at = null,
         replies = ${TICKETS} + (select sum(${TICKETS.replaceAll(/template|replies/g, 'f.$&')}) from folded f),
         event_ids = (array(select e from folded f, unnest(f.event_ids) e) || d.event_ids)
           [greatest(1, cardinality(d.event_ids) + (select sum(cardinality(event_ids)) from folded)::int - ${MAX_EVENT_IDS - 1}):]
       where d.id = (select id from leader) and exists (select from folded)
       returning d.replies
     )
     select f.id, f.channel, f.ticket_id as "ticketId", f.ticket_number as "ticketNumber", f.recipient_kind as "recipientKind",
       f.recipient_id as "recipientId", f.event_ids as "eventIds", f.template, (select replies from told_by) as tickets
     from folded f`,
    [leader.id, leader.fence, ...fences(claimed)],
  );
  return { tickets: rows[0]?.tickets ?? 0, merged: rows };
}
