import type { EntityManager } from 'typeorm';
import { latestFacts, type TicketFact } from './ticket-fact.js';

/**
 * Keeps what events tell of tickets.
 * in: facts in any order · out: nothing · lock: the tickets' rows, in the order of their ids so that two calls cannot deadlock ·
 * race: events come in any order and from several replicas at once; the one with the highest version stands, an older one changes
 * nothing: what is older than a row is left out before the rest is folded, and a row that appears meanwhile is compared again. While a
 * ticket is closed, only a closing says since when.
 */
export async function rememberTickets(manager: EntityManager, facts: readonly TicketFact[]): Promise<void> {
  const known: { id: string; version: string }[] = await manager.query(
    'select id, version from tickets where id = any ($1::uuid[]) order by id for update',
    [facts.map(({ ticketId }) => ticketId)],
  );
  const versions = new Map(known.map(({ id, version }) => [id, Number(version)]));
  const news = facts.filter(({ ticketId, version }) => version > (versions.get(ticketId) ?? -1));
  const sorted = latestFacts(news).sort((a, b) => (a.ticketId < b.ticketId ? -1 : 1));
  if (sorted.length === 0) return;
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
