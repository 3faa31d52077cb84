import type { EntityManager } from 'typeorm';

/** A link as it is asked for, with what a new one would be made of. */
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
export interface IssuedLink {
  readonly deliveryId: string;
  readonly salt: Buffer;
  readonly keyId: Buffer;
}

/**
 * Issues the links of many deliveries.
 * in: one draft per delivery, and the ids of the keys we have · out: what each link is made of now · lock: the rows, taken in the order of
 * their ids so that two calls cannot deadlock · race: two calls for one delivery get the same link: the second finds the row of the
 * first. A link that is no longer what is asked for (other guest, revoked, its key gone) makes way for the draft, and is dead.
 */
export async function issueLinks(
  manager: EntityManager,
  drafts: readonly LinkDraft[],
  knownKeys: readonly Buffer[],
): Promise<IssuedLink[]> {
  const sorted = [...drafts].sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
  const keep = `l.ticket_id = excluded.ticket_id and l.email = excluded.email
                and l.revoked_at is null and l.key_id = any ($7::bytea[])`;
  const rows: { delivery_id: string; salt: Buffer; key_id: Buffer }[] = await manager.query(
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
     returning delivery_id, salt, key_id`,
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
  return rows.map((row) => ({ deliveryId: row.delivery_id, salt: row.salt, keyId: row.key_id }));
}
