import type { EntityManager } from 'typeorm';
import { IDLE_SECONDS, isLive, LONGEST_SECONDS } from './session.js';

export interface LiveSession {
  readonly id: string;
  /** Normalised. */
  readonly email: string;
  readonly ticketIds: string[];
  /** When it ends if nobody uses it. */
  readonly expiresAt: Date;
}

/**
 * Uses a session, which is then idle for no longer.
 * in: SHA-256 of its token · out: the session, null if it is over or none · lock: its row · race: one that is ended at the same time is
 * either used before or found no more.
 */
export async function touchSession(manager: EntityManager, tokenHash: Buffer): Promise<LiveSession | null> {
  const [[row]]: [(LiveSession | undefined)[], number] = await manager.query(
    `update sessions set seen_at = now() where token_hash = $1 and ${isLive('$2', '$3')}
     returning id, email, ticket_ids as "ticketIds",
       least(now() + make_interval(secs => $2), created_at + make_interval(secs => $3)) as "expiresAt"`,
    [tokenHash, IDLE_SECONDS, LONGEST_SECONDS],
  );
  return row ?? null;
}
