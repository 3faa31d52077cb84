import type { DeliveryState, ListSentQuery, Page, SentMessageView } from '@bellhop/contracts/http';
import { maskAddress } from '@bellhop/contracts/persons';
import type { DataSource } from 'typeorm';
import { IS_TRIED } from '../dispatch/delivery-states.js';
import { decodeId } from '../ops/cursor.js';
import { outcomeOf } from './sent-outcome.js';

/** Whose messages are asked for. */
export interface Reader {
  /** Every key under which deliveries go to this person. */
  readonly keys: readonly string[];
  /** Only what is about these tickets; null: about any. */
  readonly ticketIds: readonly string[] | null;
}

interface Row {
  readonly id: string;
  readonly ticketId: string;
  readonly number: string;
  readonly channel: SentMessageView['channel'];
  readonly template: Exclude<SentMessageView['kind'], 'fresh_link'> | 'link';
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly feedback: string | null;
  readonly endpoint: string;
  readonly copies: number;
  readonly at: Date;
  readonly devices: number | null;
}

const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** Another message tells of the same. */
const TOLD_BY_ANOTHER = `('folded', 'overtaken')`;

const SQL = `
  select d.id, d.ticket_id as "ticketId", d.ticket_number as number, d.channel, d.template, d.state,
    split_part(d.reason, ':', 1) as reason, d.feedback, d.endpoint, d.copies, coalesce(d.attempted_at, d.settled_at) as at,
    case when d.channel = 'push' then (
      select count(*)::int from push_attempts a where a.delivery_id = d.id and a.state = 'accepted') end as devices
  from (
    -- Each key by itself, so that its rows come from the index in the order of the list.
    select d.* from unnest($1::text[]) as k (key) cross join lateral (
      select * from deliveries d
      where d.recipient_key = k.key and ${IS_TRIED} and d.id < $2::uuid
        and not (d.state = 'skipped' and d.reason in ${TOLD_BY_ANOTHER})
        and ($4::text is null or d.ticket_id in ($4, lower($4)) or d.ticket_number in ($4, upper($4)))
        and ($5::text[] is null or d.ticket_id = any ($5)
          -- A code names its ticket by number only.
          or d.template = 'code' and d.ticket_number = any (array(
            select o.ticket_number from unnest($1::text[]) as own (key) cross join lateral (
              select ticket_number from deliveries o
              where o.recipient_key = own.key and ${IS_TRIED} and o.ticket_id = any ($5)) o)))
      order by d.id desc limit $3) d
    order by d.id desc limit $3
  ) d
  order by d.id desc`;

/**
 * One page of what was sent to a person, newest first.
 * in: keys of the person, tickets, page · out: messages without text, and the next cursor · lock: none · race: none, a snapshot; ids are in the
 * order of time and a delivery keeps its own, so that pages go on behind the last row.
 */
export async function loadSent(
  dataSource: DataSource,
  { keys, ticketIds }: Reader,
  { limit, cursor, ticket }: ListSentQuery,
): Promise<Page<SentMessageView>> {
  const before = cursor === undefined ? HIGHEST_ID : decodeId(cursor);
  // One more than asked for tells whether there is a next page.
  const rows: Row[] = await dataSource.query(SQL, [keys, before, limit + 1, ticket ?? null, ticketIds]);
  const last = rows[limit - 1];
  return { items: rows.slice(0, limit).map(viewOf), next: rows.length > limit && last ? last.id : null };
}

function viewOf(row: Row): SentMessageView {
  const { id, ticketId, number, channel, template, endpoint, at, devices, copies, ...standing } = row;
  return {
    id,
    ticket: { id: template === 'code' ? null : ticketId, number },
    channel,
    kind: template === 'link' ? 'fresh_link' : template,
    at: at.toISOString(),
    ...outcomeOf({ channel, ...standing }),
    sentTo: channel === 'email' ? maskAddress(endpoint) : null,
    devices,
    copies,
  };
}
