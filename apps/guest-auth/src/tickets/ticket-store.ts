import type { EntityManager } from 'typeorm';
import { mergeUpdates, type TicketUpdate } from './ticket-update.js';

/** What events have told about a ticket. */
export interface StoredTicket {
  readonly locale: string | null;
  readonly closedAt: Date | null;
}

/** in: the ticket · out: what is stored of it, or null · lock: none · race: none. */
export async function findTicket(manager: EntityManager, ticketId: string): Promise<StoredTicket | null> {
  const [row]: (StoredTicket | undefined)[] = await manager.query(
    'select locale, closed_at as "closedAt" from tickets where id = $1',
    [ticketId],
  );
  return row ?? null;
}

/**
 * Applies updates to the ticket read model.
 * in: updates in any order · out: nothing · lock: the tickets' rows, in the order of their ids so that two calls cannot deadlock ·
 * race: updates arrive in any order, at several replicas. The highest version wins: updates older than the row are dropped before the rest is
 * merged, and the upsert compares again with a row that was inserted meanwhile. `closed_at` of a closed ticket only changes by a certain update.
 */
export async function upsertTickets(manager: EntityManager, updates: readonly TicketUpdate[]): Promise<void> {
  const stored: { id: string; version: string }[] = await manager.query(
    'select id, version from tickets where id = any ($1::uuid[]) order by id for update',
    [updates.map(({ ticketId }) => ticketId)],
  );
  const versions = new Map(stored.map(({ id, version }) => [id, Number(version)]));
  const newer = updates.filter(({ ticketId, version }) => version > (versions.get(ticketId) ?? -1));
  const sorted = mergeUpdates(newer).sort((a, b) => (a.ticketId < b.ticketId ? -1 : 1));
  if (sorted.length === 0) return;
  await manager.query(
    `insert into tickets as t (id, number, locale, version, closed_at)
     select u."ticketId", u.number, u.locale, u.version, u."closedAt" from json_to_recordset($1::json) as u (
       "ticketId" uuid, number text, locale text, version bigint, "closedAt" timestamptz)
     on conflict (id) do update set
       number = excluded.number,
       locale = coalesce(excluded.locale, t.locale),
       version = excluded.version,
       closed_at = case when excluded.id = any ($2::uuid[]) then excluded.closed_at else coalesce(t.closed_at, excluded.closed_at) end
     where excluded.version > t.version`,
    [JSON.stringify(sorted), sorted.filter(({ isCertain }) => isCertain).map(({ ticketId }) => ticketId)],
  );
}
