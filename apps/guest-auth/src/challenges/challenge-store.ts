import type { EntityManager } from 'typeorm';
import type { ChallengePurpose, OpenChallenge, TriedChallenge } from './challenge.js';

export interface NewChallenge extends OpenChallenge {
  readonly purpose: ChallengePurpose;
  readonly ticketId: string;
  readonly browserHash: Buffer;
  /** SHA-256 of the link that requested it; null when none did. */
  readonly linkHash: Buffer | null;
  readonly codeMac: Buffer;
  /** SHA-256 of the `Idempotency-Key` that requested it. */
  readonly requestKeyHash: Buffer | null;
}

/** A challenge after one more try was counted. */
export interface CountedTry extends TriedChallenge {
  readonly purpose: ChallengePurpose;
  readonly ticketId: string;
  readonly email: string;
  readonly codeMac: Buffer;
}

/**
 * Stores a challenge in place of the earlier one of the same purpose, ticket and browser.
 * in: the challenge, whose code was sent · out: false if the stored one expires later · lock: the row of purpose, ticket and browser ·
 * race: of two concurrent challenges the later expiry wins, whichever code was sent first. The other code does not work.
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
     returning 1 as is_stored`,
    [
      ...[challenge.purpose, challenge.ticketId, challenge.browserHash, challenge.id, challenge.email],
      ...[challenge.linkHash, challenge.codeMac, challenge.expiresAt, challenge.requestKeyHash],
    ],
  );
  return rows.length > 0;
}

/** in: purpose, ticket and browser · out: their challenge, or null · lock: none · race: none. */
export async function findCurrent(
  manager: EntityManager,
  { purpose, ticketId, browserHash }: Pick<NewChallenge, 'purpose' | 'ticketId' | 'browserHash'>,
): Promise<OpenChallenge | null> {
  const [row]: (OpenChallenge | undefined)[] = await manager.query(
    `select id, email, expires_at as "expiresAt" from challenges
     where purpose = $1 and ticket_id = $2 and browser_hash = $3`,
    [purpose, ticketId, browserHash],
  );
  return row ?? null;
}

/** in: SHA-256 of the browser and of the `Idempotency-Key` · out: the challenge that this request opened, or null · lock: none · race: none. */
export async function findRequested(
  manager: EntityManager,
  browserHash: Buffer,
  requestKeyHash: Buffer,
): Promise<(OpenChallenge & Pick<NewChallenge, 'linkHash'>) | null> {
  const [row]: (OpenChallenge & Pick<NewChallenge, 'linkHash'>)[] = await manager.query(
    `select id, link_hash as "linkHash", email, expires_at as "expiresAt"
     from challenges where browser_hash = $1 and asked_with = $2`,
    [browserHash, requestKeyHash],
  );
  return row ?? null;
}

/**
 * Counts a try before the code is compared.
 * in: the challenge, SHA-256 of the browser, and of the `Idempotency-Key` or null · out: the challenge including this try, null if this browser
 * has no such challenge · lock: its row · race: concurrent tries each get a number of their own. The statement commits alone, so that a later
 * failure does not undo the count.
 */
export async function countTry(
  manager: EntityManager,
  challengeId: string,
  browserHash: Buffer,
  requestKeyHash: Buffer | null,
): Promise<CountedTry | null> {
  const [[row]]: [(CountedTry | undefined)[], number] = await manager.query(
    `update challenges set tries = least(tries + 1, 1000000) where id = $1 and browser_hash = $2
     returning purpose, ticket_id as "ticketId", email, code_mac as "codeMac", tries, expires_at <= now() as "isExpired",
               spent_at is not null as "isSpent", coalesce(spent_with = $3, false) as "isRepeated"`,
    [challengeId, browserHash, requestKeyHash],
  );
  return row ?? null;
}

/**
 * Spends a code that is right.
 * in: the challenge, and SHA-256 of the request's `Idempotency-Key` or null · out: `first` if this call spent it, `again` if the same request spent
 * it before and its answer was lost, null if it opens nothing · lock: the challenge's row, and its link's against revocation ·
 * race: of two requests with the same code, the second finds it spent. A challenge that was replaced meanwhile has another id.
 *
 * The expiry is compared as a difference: with statistics of a quiet night Postgres would otherwise scan the index of all that are alive (`isLive`
 * of sessions has the same reason).
 */
export async function spendCode(
  manager: EntityManager,
  challengeId: string,
  requestKeyHash: Buffer | null,
): Promise<'first' | 'again' | null> {
  const [[row]]: [({ isFirst: boolean } | undefined)[], number] = await manager.query(
    `with found as (
       select c.id, c.spent_at from challenges c
       where c.id = $1 and c.expires_at - now() > interval '0' and (c.spent_at is null or c.spent_with = $2)
       for update
     ), linked as (
       select l.token_hash from links l join challenges c on c.link_hash = l.token_hash
       where c.id = $1 and l.revoked_at is null
       for share of l
     )
     update challenges c set spent_at = coalesce(c.spent_at, now()), spent_with = $2
     from found
     where c.id = found.id and (c.link_hash is null or exists (select from linked))
     returning found.spent_at is null as "isFirst"`,
    [challengeId, requestKeyHash],
  );
  if (!row) return null;
  return row.isFirst ? 'first' : 'again';
}

/**
 * Deletes the challenges of a ticket: codes already sent stop working, and no verification can be repeated.
 * in: the ticket, and a normalised address or null for all · out: nothing · lock: those rows · race: a concurrent verification locks its row until
 * its session has the ticket. Either this call waits for it, or the verification finds no row. Call it before tickets are removed from sessions.
 */
export async function deleteChallenges(manager: EntityManager, ticketId: string, email: string | null): Promise<void> {
  await manager.query('delete from challenges where ticket_id = $1 and email = coalesce($2, email)', [ticketId, email]);
}

/**
 * Deletes the spent challenges of a browser whose guest signs out: the next user of that browser must not get the session back by repeating
 * the request that began it.
 * in: SHA-256 of the browser · out: nothing · lock: those rows · race: a concurrent repetition comes first, or finds no challenge.
 */
export async function deleteSpent(manager: EntityManager, browserHash: Buffer): Promise<void> {
  await manager.query('delete from challenges where browser_hash = $1 and spent_at is not null', [browserHash]);
}
