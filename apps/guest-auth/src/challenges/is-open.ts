import type { EntityManager } from 'typeorm';
import { MAX_TRIES } from './challenge.js';

interface Opened {
  readonly challengeId: string;
  readonly browserHash: Buffer;
  readonly spentWith: Buffer | null;
}

/**
 * Whether a code may open this challenge, as far as one can tell before counting the try.
 * in: the challenge and the browser, and SHA-256 of the request's `Idempotency-Key` or null · out: false if no code does, now or later · lock: none ·
 * race: one that ends at this moment is found out when the try is counted; none begins again.
 */
export async function isOpen(
  manager: EntityManager,
  { challengeId, browserHash, spentWith }: Opened,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `select from challenges
     where id = $1 and browser_hash = $2 and expires_at > now() and tries < $3 and (spent_at is null or spent_with = $4)`,
    [challengeId, browserHash, MAX_TRIES, spentWith],
  );
  return rows.length > 0;
}
