import type { EntityManager } from 'typeorm';
import type { LinkStanding } from './link.js';

/** A link that was issued, with what is known of its ticket. */
export interface FoundLink extends LinkStanding {
  readonly ticketId: string;
  /** Normalised. */
  readonly email: string;
  /** The same as it was typed, which the mail with the link went to. */
  readonly sentTo: string;
  /** Null until an event has told of the ticket. */
  readonly number: string | null;
  readonly locale: string | null;
}

/** in: SHA-256 of the link · out: what it leads to, or null · lock: none · race: none. */
export async function findLink(manager: EntityManager, tokenHash: Buffer): Promise<FoundLink | null> {
  const [row]: (FoundLink | undefined)[] = await manager.query(
    `select l.ticket_id as "ticketId", l.email, coalesce(l.sent_to, l.email) as "sentTo", l.revoked_at as "revokedAt",
            t.closed_at as "closedAt", t.number, t.locale
     from links l left join tickets t on t.id = l.ticket_id where l.token_hash = $1`,
    [tokenHash],
  );
  return row ?? null;
}
