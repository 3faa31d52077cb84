import type { EntityManager } from 'typeorm';
import type { TicketFact } from './ticket-fact.js';

/**
 * Keeps what events tell of tickets.
 * in: facts, one per ticket · out: nothing · lock: the tickets' rows, in the order of their ids so that two calls cannot deadlock ·
 * race: events come in any order and from several replicas at once; the one with the highest version stands, an older one changes
 * nothing. While a ticket is closed, only a closing says since when.
 */
export async function rememberTickets(manager: EntityManager, facts: readonly TicketFact[]): Promise<void> {
  const sorted = [...facts].sort((a, b) => (a.ticketId < b.ticketId ? -1 : 1));
  await manager.query(
    `insert into tickets as t (id, number, locale, version, closed_at)
     select f."ticketId", f.number, f.locale, f.version, f."closedAt" from json_to_recordset($1::json) as f (
       "ticketId" uuid, number text, locale text, version bigint, "closedAt" timestamptz)
     on conflict (id) do update set
       number = excluded.number,
       locale = coalesce(excluded.locale, t.locale),
       version = excluded.version,
       closed_at = case when excluded.id = any ($2::uuid[]) then excluded.closed_at else coalesce(t.closed_at, excluded.closed_at) end
     where excluded.version > t.version`,
    [JSON.stringify(sorted), sorted.filter(({ isSure }) => isSure).map(({ ticketId }) => ticketId)],
  );
}
