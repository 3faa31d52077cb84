import type { EntityManager } from 'typeorm';
import { type Fact, ticketKey } from '../planning/fact.js';
import { requesterKey } from '../planning/recipients.js';

/** What is known of a ticket after a batch of facts. Versions are 0 where nothing is known. */
export interface KnownTicket {
  readonly seen: number;
  readonly answered: number;
}

/**
 * Remembers, per ticket, the newest requester and what that person has seen and answered.
 * in: facts of one batch, at least one · out: ticketKey → what is known now; the time of the transaction · lock: rows of
 * `known_tickets`, taken in key order so that two writers cannot deadlock · race: an older fact arriving late changes nothing but the watermarks, which only grow.
 */
export async function rememberTickets(
  manager: EntityManager,
  facts: readonly Fact[],
): Promise<{ known: Map<string, KnownTicket>; now: Date }> {
  const rows = [...newestPerTicket(facts).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const stored: {
    system: string;
    ticket_id: string;
    seen_version: string;
    answered_version: string;
    heard_at: Date;
  }[] = await manager.query(
    `insert into known_tickets as k (system, ticket_id, version, requester_key, seen_version, answered_version)
       select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
       on conflict (system, ticket_id) do update set
         requester_key = case when excluded.version >= k.version then excluded.requester_key else k.requester_key end,
         version = greatest(k.version, excluded.version),
         seen_version = greatest(k.seen_version, excluded.seen_version),
         answered_version = greatest(k.answered_version, excluded.answered_version),
         heard_at = now()
       returning system, ticket_id, seen_version, answered_version, heard_at`,
    [
      rows.map((row) => row.system),
      rows.map((row) => row.ticketId),
      rows.map((row) => row.version),
      rows.map((row) => row.requesterKey),
      rows.map((row) => row.seen),
      rows.map((row) => row.answered),
    ],
  );
  const known = new Map(
    stored.map((row) => [
      ticketKey({ system: row.system, ticketId: row.ticket_id }),
      { seen: Number(row.seen_version), answered: Number(row.answered_version) },
    ]),
  );
  return { known, now: stored[0]?.heard_at as Date };
}

function newestPerTicket(facts: readonly Fact[]) {
  const tickets = new Map<
    string,
    { system: string; ticketId: string; version: number; requesterKey: string; seen: number; answered: number }
  >();
  for (const { system, event } of facts) {
    const { id: ticketId, version } = event.data.ticket;
    const key = ticketKey({ system, ticketId });
    const known = tickets.get(key);
    const isNewest = !known || version >= known.version;
    tickets.set(key, {
      system,
      ticketId,
      version: isNewest ? version : known.version,
      requesterKey: isNewest ? requesterKey(system, event.data.requester) : known.requesterKey,
      seen: Math.max(known?.seen ?? 0, event.type === 'ticket.seen.v1' ? version : 0),
      answered: Math.max(known?.answered ?? 0, event.type === 'ticket.customer_replied.v1' ? version : 0),
    });
  }
  return tickets;
}
