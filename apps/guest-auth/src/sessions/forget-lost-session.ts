import type { EntityManager } from 'typeorm';

/**
 * Makes room for a session that is begun again because the answer with its token was lost.
 * in: its id, SHA-256 of the token that the browser has · out: nothing · lock: its row · race: none, whoever begins a session again holds its
 * challenge. If the browser has that very token, nothing was lost, and the session stays.
 */
export async function forgetLostSession(manager: EntityManager, id: string, present: Buffer): Promise<void> {
  await manager.query('delete from sessions where id = $1 and token_hash <> $2', [id, present]);
}
