import type { EntityManager } from 'typeorm';

/**
 * Opens one more ticket to a session, by a link of the same address.
 * in: the session, the ticket, SHA-256 of the link · out: whether it is open now · lock: the session's row, and the link's against being
 * revoked · race: a revocation at the same time either waits and then takes the ticket away again, or is waited for and leaves no link.
 */
export async function addTicket(
  manager: EntityManager,
  sessionId: string,
  ticketId: string,
  linkHash: Buffer,
): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    `update sessions
     set ticket_ids = case when ticket_ids @> array[$2::uuid] then ticket_ids else array_append(ticket_ids, $2::uuid) end
     where id = $1 and exists (select from links l where l.token_hash = $3 and l.revoked_at is null for share)`,
    [sessionId, ticketId, linkHash],
  );
  return count === 1;
}
