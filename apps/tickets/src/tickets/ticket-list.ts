import { CATEGORIES, type Category, TICKET_STATUSES, type TicketStatus } from '@bellhop/contracts/events';
import type { Page } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';
import { decodeCursor, encodeCursor } from './ticket-cursor.js';
import { type StoredTicket, selectTickets, storedTicket } from './ticket-store.js';

export interface PageRequest {
  /** Tickets on a page, a whole number. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Whose tickets: of one assignee, of all who have an address, of nobody yet, or everybody's. */
export type Owner = { readonly assigneeId: string } | { readonly assigneeEmail: string } | 'unassigned' | 'everybody';

export interface ListFilter {
  readonly owner: Owner;
  /** Default: every status. */
  readonly statuses?: readonly TicketStatus[];
  /** Default: every category. */
  readonly categories?: readonly Category[];
}

/** One page of the tickets that the filter leaves for the desk, newest activity first, in one query. */
export async function listTickets(
  manager: EntityManager,
  filter: ListFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StoredTicket>> {
  // One more than asked for tells whether there is a next page.
  const { sql, parameters } = newestIds(filter, limit + 1, cursor);
  const query = selectTickets(manager).where(`ticket.id in (${sql})`, parameters);
  query.orderBy('ticket.updatedAt', 'DESC').addOrderBy('ticket.id', 'DESC');
  const rows = await query.getMany();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(storedTicket), next: rows.length > limit && last ? encodeCursor(last) : null };
}

/**
 * The newest ids of each group (status and category, and assignee where they are asked for), and of these the newest. Every group
 * is a stretch of one index, in order, so a page costs at most `limit` rows of each, whatever the filter leaves of the table.
 * A plain `where … order by … limit` reads the whole table when little matches: no index has every combination.
 */
function newestIds(
  { owner, statuses = TICKET_STATUSES, categories = CATEGORIES }: ListFilter,
  limit: number,
  cursor: string | undefined,
): { sql: string; parameters: Record<string, unknown> } {
  const groups = [
    'unnest(cast(:statuses as text[])) as wanted_status',
    'unnest(cast(:categories as text[])) as wanted_category',
  ];
  const conditions = ['newest.status = wanted_status', 'newest.category = wanted_category'];
  if (owner === 'unassigned') conditions.push('newest.assignee_id is null');
  if (typeof owner === 'object' && 'assigneeId' in owner) conditions.push('newest.assignee_id = :assigneeId');
  if (typeof owner === 'object' && 'assigneeEmail' in owner) {
    groups.push('(select id from people where lower(email) = lower(:assigneeEmail)) as wanted_assignee');
    conditions.push('newest.assignee_id = wanted_assignee.id');
  }
  if (cursor !== undefined) conditions.push('(newest.updated_at, newest.id) < (:updatedAt, :id)');
  // The limit stands in the text: of a parameter the planner knows nothing, and sorts.
  const sql = `
    select newest.id from ${groups.join(' cross join ')}
    cross join lateral (
      select newest.id, newest.updated_at from tickets newest where ${conditions.join(' and ')}
      order by newest.updated_at desc, newest.id desc limit ${limit}
    ) newest
    order by newest.updated_at desc, newest.id desc limit ${limit}`;
  const parameters = { statuses, categories, ...(typeof owner === 'object' && owner) };
  return { sql, parameters: cursor === undefined ? parameters : { ...parameters, ...decodeCursor(cursor) } };
}
