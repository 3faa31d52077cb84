import type { DeliveryDetailView, DeliveryView, Page } from '@bellhop/contracts/http';
import type { DataSource } from 'typeorm';
import { decodeId } from './cursor.js';
import { type DeliveryFilter, filterParameters, filterSql } from './delivery-filter.js';

const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** No address and no content. `recipient_key` is left out, because it may contain a guest's address. */
const VIEW = `'id', d.id, 'system', d.system, 'ticket', json_build_object('id', d.ticket_id, 'number', d.ticket_number),
  'channel', d.channel, 'state', d.state, 'attempts', d.tries, 'dueAt', d.due_at, 'reason', d.reason,
  'eventIds', d.event_ids, 'createdAt', d.first_at`;

/** The devices that `deliveries d` went to, the newest attempt first. */
export const DEVICES = `(
  select coalesce(json_agg(json_build_object('id', a.subscription_id, 'service', a.service, 'outcome', a.state,
    'status', a.status, 'reason', a.reason, 'attempts', a.attempts, 'at', a.at) order by a.at desc, a.subscription_id), '[]')
  from push_attempts a where a.delivery_id = d.id)`;

/**
 * One page, newest first.
 * in: filter, cursor, limit · out: deliveries and the cursor of the next page · lock: none · race: none, a snapshot; the order after
 * the cursor never changes, because a delivery keeps its id. Ids are in the order of time, so a page is a range of the primary
 * key, read backwards; ordered by a time, a million deliveries would be sorted for each page.
 */
export async function listDeliveries(
  dataSource: Pick<DataSource, 'query'>,
  { cursor, limit, ...filter }: DeliveryFilter & { cursor?: string | undefined; limit: number },
): Promise<Page<DeliveryView>> {
  // The highest id when there is no cursor: with "or is null", generic plans would not use the index.
  const before = cursor === undefined ? HIGHEST_ID : decodeId(cursor);
  const rows: { view: DeliveryView }[] = await dataSource.query(
    `select json_build_object(${VIEW}) as view
     from deliveries d
     where ${filterSql(filter, 3)} and d.id < $1::uuid
     order by d.id desc
     limit $2`,
    [before, limit + 1, ...filterParameters(filter)],
  );
  const items = rows.slice(0, limit).map(({ view }) => view);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/**
 * One delivery in detail.
 * in: id · out: the delivery, when its request was frozen, the decisions about its events, and the devices of a push · lock: none.
 */
export async function loadDelivery(dataSource: DataSource, id: string): Promise<DeliveryDetailView | undefined> {
  const [row]: { view: DeliveryDetailView }[] = await dataSource.query(
    `select json_build_object(${VIEW},
       'template', d.template, 'version', d.version, 'priority', d.priority,
       'recipient', json_build_object('role', d.recipient_role, 'kind', d.recipient_kind, 'id', d.recipient_id),
       'unknowns', d.unknowns, 'feedback', d.feedback, 'attemptedAt', d.attempted_at, 'settledAt', d.settled_at, 'leaseUntil', d.lease_until,
       'provider', d.provider, 'batchId', d.batch_id, 'isAlone', d.is_alone, 'foldedInto', d.folded_into, 'frozenAt', f.frozen_at,
       'decisions', (
         select coalesce(json_agg(json_build_object('eventId', c.event_id, 'type', c.event_type, 'reason', c.reason,
           'decidedAt', c.decided_at) order by c.decided_at, c.event_id), '[]')
         from decisions c
         where c.event_id = any (d.event_ids) and c.system = d.system and c.recipient_key = d.recipient_key
           and c.channel = d.channel),
       'devices', ${DEVICES}) as view
     from deliveries d left join frozen_requests f on f.batch_id = d.batch_id
     where d.id = $1`,
    [id],
  );
  return row?.view;
}
