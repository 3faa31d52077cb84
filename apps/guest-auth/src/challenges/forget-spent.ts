import type { EntityManager } from 'typeorm';

/**
 * Forgets the spent challenges of a browser whose guest leaves: whoever comes next must not begin the session again by repeating the request
 * that began it.
 * in: the browser, hashed · out: nothing · lock: those rows · race: a repetition at the same time either comes first, or finds no challenge.
 */
export async function forgetSpent(manager: EntityManager, browserHash: Buffer): Promise<void> {
  await manager.query('delete from challenges where browser_hash = $1 and spent_at is not null', [browserHash]);
}
