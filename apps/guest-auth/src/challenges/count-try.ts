import type { EntityManager } from 'typeorm';
import type { ChallengePurpose } from './challenge.js';

export interface CountedTry {
  readonly purpose: ChallengePurpose;
  readonly ticketId: string;
  readonly email: string;
  readonly codeMac: Buffer;
  readonly tries: number;
  readonly isExpired: boolean;
  readonly isSpent: boolean;
  readonly spentWith: Buffer | null;
}

/**
 * Counts a try, before anybody looks whether it is right.
 * in: the challenge and the browser, hashed · out: the challenge with this try, null if this browser has no such challenge · lock: its row · race:
 * many tries at once: each gets a number of its own. It commits by itself, so that whatever fails afterwards has been counted.
 */
export async function countTry(
  manager: EntityManager,
  challengeId: string,
  browserHash: Buffer,
): Promise<CountedTry | null> {
  const [[row]]: [(CountedTry | undefined)[], number] = await manager.query(
    `update challenges set tries = least(tries + 1, 1000000) where id = $1 and browser_hash = $2
     returning purpose, ticket_id as "ticketId", email, code_mac as "codeMac", tries, expires_at <= now() as "isExpired",
               spent_at is not null as "isSpent", spent_with as "spentWith"`,
    [challengeId, browserHash],
  );
  return row ?? null;
}
