import type { EntityManager } from 'typeorm';
import type { TicketFact } from './ticket-fact.js';

/**
 * Keeps what an event tells of a ticket.
 * in: the fact · out: nothing · lock: the ticket's row · race: events come in any order and from several replicas at once; the one with
 * the highest version stands, an older one changes nothing. While a ticket is closed, only a closing says since when.
 */
export async function rememberTicket(manager: EntityManager, fact: TicketFact): Promise<void> {
  await manager.query(
    `insert into tickets as t (id, number, locale, version, closed_at) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set
       number = excluded.number,
       locale = coalesce(excluded.locale, t.locale),
       version = excluded.version,
       closed_at = case when excluded.closed_at is null or $6 then excluded.closed_at
                        else coalesce(t.closed_at, excluded.closed_at) end
     where excluded.version > t.version`,
    [fact.ticketId, fact.number, fact.locale, fact.version, fact.closedAt, fact.isClosing],
  );
}
