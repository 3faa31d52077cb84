import type { EntityManager } from 'typeorm';
import type { NewSession } from './begin-session.js';
import { IDLE_SECONDS, isLive, LONGEST_SECONDS } from './session.js';

/**
 * Makes a new session of the one that this browser has, if that is of the same address: what stood open to it stays open.
 * in: SHA-256 of the old token, and the new session · out: whether there was one · lock: its row · race: a revocation at the same time finds
 * the same row, before or after, which it would not if a new one took its place.
 */
export async function renewSession(manager: EntityManager, former: Buffer, session: NewSession): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    `update sessions set id = $1, token_hash = $2, created_at = now(), seen_at = now(),
       ticket_ids = case when ticket_ids @> array[$4::uuid] then ticket_ids else array_append(ticket_ids, $4::uuid) end
     where token_hash = $5 and email = $3 and ${isLive('$6', '$7')}`,
    [session.id, session.tokenHash, session.email, session.ticketId, former, IDLE_SECONDS, LONGEST_SECONDS],
  );
  return count === 1;
}
