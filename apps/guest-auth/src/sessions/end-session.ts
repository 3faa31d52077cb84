import type { EntityManager } from 'typeorm';

/** Ends a session. in: SHA-256 of its token · out: nothing · lock: its row · race: two at once: one finds nothing. */
export async function endSession(manager: EntityManager, tokenHash: Buffer): Promise<void> {
  await manager.query('delete from sessions where token_hash = $1', [tokenHash]);
}
