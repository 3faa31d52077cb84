import type { Page } from '@bellhop/contracts';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { TicketEntity } from './ticket.entity.js';
import { decodeCursor, encodeCursor } from './ticket-cursor.js';
import { type StoredTicket, selectTickets, storedTicket } from './ticket-store.js';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of the tickets that `narrow` leaves, newest activity first, in one query. */
export async function listTickets(
  manager: EntityManager,
  { limit, cursor }: PageRequest,
  narrow: (query: SelectQueryBuilder<TicketEntity>) => void,
): Promise<Page<StoredTicket>> {
  const query = selectTickets(manager).where('true');
  narrow(query);
  if (cursor !== undefined) query.andWhere('(ticket.updatedAt, ticket.id) < (:updatedAt, :id)', decodeCursor(cursor));
  query.orderBy('ticket.updatedAt', 'DESC').addOrderBy('ticket.id', 'DESC');
  // One more than asked for tells whether there is a next page.
  const rows = await query.limit(limit + 1).getMany();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(storedTicket), next: rows.length > limit && last ? encodeCursor(last) : null };
}
