import type { EntityManager } from 'typeorm';
import type { ChallengePurpose } from './challenge.js';

export interface NewChallenge {
  readonly id: string;
  readonly purpose: ChallengePurpose;
  readonly ticketId: string;
  /** Normalised. */
  readonly email: string;
  readonly browserHash: Buffer;
  /** Of the link that asked; null when none did. */
  readonly linkHash: Buffer | null;
  readonly codeMac: Buffer;
  readonly expiresAt: Date;
  /** SHA-256 of the `Idempotency-Key` that asked for it. */
  readonly askedWith: Buffer | null;
}

/**
 * Makes a challenge the one of its purpose, ticket and browser.
 * in: the challenge, whose code is on its way · out: false if one stands that was asked for later · lock: the row of purpose, ticket and browser ·
 * race: two at once: the one that was asked for later stands, which is the one that runs out later, also if its code was sent sooner. The
 * code of the other does not work.
 */
export async function replaceChallenge(manager: EntityManager, challenge: NewChallenge): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `insert into challenges
       (purpose, ticket_id, browser_hash, id, email, link_hash, code_mac, expires_at, asked_with)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (purpose, ticket_id, browser_hash) do update set
       id = excluded.id, email = excluded.email, link_hash = excluded.link_hash, code_mac = excluded.code_mac,
       expires_at = excluded.expires_at, asked_with = excluded.asked_with,
       tries = 0, spent_at = null, spent_with = null
       where challenges.expires_at <= excluded.expires_at
     returning 1 as stands`,
    [
      challenge.purpose,
      challenge.ticketId,
      challenge.browserHash,
      challenge.id,
      challenge.email,
      challenge.linkHash,
      challenge.codeMac,
      challenge.expiresAt,
      challenge.askedWith,
    ],
  );
  return rows.length > 0;
}
