import type { EntityManager } from 'typeorm';
import type { LinkState } from './link.js';

/** A link as it was requested, with what a new one would be made of. */
export interface LinkDraft {
  readonly deliveryId: string;
  readonly ticketId: string;
  /** Normalised. */
  readonly email: string;
  /** As typed. */
  readonly sentTo: string;
  readonly salt: Buffer;
  readonly keyId: Buffer;
  readonly tokenHash: Buffer;
}

/** What the link of a delivery is made of. */
export type IssuedLink = Pick<LinkDraft, 'deliveryId' | 'salt' | 'keyId'>;

/** An issued link, with what is known of its ticket. */
export interface FoundLink extends LinkState {
  readonly ticketId: string;
  /** Normalised. */
  readonly email: string;
  /** The same as typed: the mail with the link went there. */
  readonly sentTo: string;
  /** Null until an event about the ticket arrives. */
  readonly number: string | null;
  readonly locale: string | null;
}

/**
 * Issues the links of many deliveries.
 * in: one draft per delivery, and the ids of the keys we have · out: what each link is made of now · lock: the rows, in the order of their
 * ids so that two calls cannot deadlock · race: of two calls for one delivery the second finds the row of the first, so both get the same link.
 * A stored link that no longer fits the request (other guest, revoked, its key gone) is replaced by the draft and stops working.
 */
export async function issueLinks(
  manager: EntityManager,
  drafts: readonly LinkDraft[],
  knownKeys: readonly Buffer[],
): Promise<IssuedLink[]> {
  const sorted = [...drafts].sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
  const keep = `l.ticket_id = excluded.ticket_id and l.email = excluded.email
                and l.revoked_at is null and l.key_id = any ($7::bytea[])`;
  return manager.query(
    `insert into links as l (delivery_id, ticket_id, email, salt, key_id, token_hash, sent_to)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[], $8::text[])
     on conflict (delivery_id) do update set
       ticket_id = excluded.ticket_id,
       email = excluded.email,
       sent_to = excluded.sent_to,
       salt = case when ${keep} then l.salt else excluded.salt end,
       key_id = case when ${keep} then l.key_id else excluded.key_id end,
       token_hash = case when ${keep} then l.token_hash else excluded.token_hash end,
       revoked_at = null
     returning delivery_id as "deliveryId", salt, key_id as "keyId"`,
    [
      sorted.map(({ deliveryId }) => deliveryId),
      sorted.map(({ ticketId }) => ticketId),
      sorted.map(({ email }) => email),
      sorted.map(({ salt }) => salt),
      sorted.map(({ keyId }) => keyId),
      sorted.map(({ tokenHash }) => tokenHash),
      knownKeys,
      sorted.map(({ sentTo }) => sentTo),
    ],
  );
}

/** in: SHA-256 of the link · out: the link, or null · lock: none · race: none. */
export async function findLink(manager: EntityManager, tokenHash: Buffer): Promise<FoundLink | null> {
  const [row]: (FoundLink | undefined)[] = await manager.query(
    `select l.ticket_id as "ticketId", l.email, coalesce(l.sent_to, l.email) as "sentTo", l.revoked_at as "revokedAt",
            t.closed_at as "closedAt", t.number, t.locale
     from links l left join tickets t on t.id = l.ticket_id where l.token_hash = $1`,
    [tokenHash],
  );
  return row ?? null;
}

/**
 * Revokes the links of a ticket.
 * in: the ticket, and a normalised address or null for all · out: how many links were alive · lock: those rows · race: whoever uses a link holds its
 * row until their session has the ticket: we wait for that, or they find the link revoked.
 */
export async function markRevoked(manager: EntityManager, ticketId: string, email: string | null): Promise<number> {
  const [, count]: [unknown, number] = await manager.query(
    'update links set revoked_at = now() where ticket_id = $1 and email = coalesce($2, email) and revoked_at is null',
    [ticketId, email],
  );
  return count;
}
