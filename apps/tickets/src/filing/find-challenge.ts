import type { EntityManager } from 'typeorm';

/** Input: a ticket. Result: the challenge that was opened for it, or null; undefined if the ticket has no filing of a guest. Lock: none. */
export async function findChallenge(manager: EntityManager, ticketId: string): Promise<string | null | undefined> {
  const [filing]: ({ challenge_id: string | null } | undefined)[] = await manager.query(
    'select challenge_id from guest_filings where ticket_id = $1',
    [ticketId],
  );
  return filing?.challenge_id;
}
