import type { TicketStatus } from '@bellhop/contracts/events';
import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import type { Judged } from '../tickets/ticket-policy.js';

/** What is sent about a ticket, and what decides to whom. */
export type TicketState = Judged & { readonly version: number };

interface Row {
  readonly id: string;
  readonly version: number;
  readonly status: TicketStatus;
  readonly requesterId: string;
  /** Null: the requester has an account. */
  readonly address: string | null;
}

const SQL = `
  select t.id, t.version, t.status, t.requester_id as "requesterId",
    case p.kind when 'guest' then coalesce(t.requester_address, p.email, '') end as address
  from tickets t join people p on p.id = t.requester_id
  where t.id = any ($1::uuid[])`;

/** in: ids of tickets · out: by id, those that there are · lock: none · race: none, what comes later has a larger version and a hint of its own. */
export async function loadTicketStates(
  dataSource: DataSource,
  ids: readonly string[],
): Promise<Map<string, TicketState>> {
  const rows = await prepared<Row[]>(dataSource, 'load_ticket_states', SQL, [ids]);
  return new Map(rows.map((row) => [row.id, ticketState(row)]));
}

function ticketState({ id, version, status, requesterId, address }: Row): TicketState {
  const requester =
    address === null ? ({ kind: 'user', id: requesterId } as const) : ({ kind: 'guest', email: address } as const);
  return { id, version, status, requester };
}
