import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, the lease under which no challenge could be opened. Result: the key of its guest if it was deleted, with message
 * and filing; null if it stays. Lock: the ticket and all that is deleted with it. Race: it stays under a newer lease, or once a
 * challenge was opened.
 */
export async function withdrawTicket(
  manager: EntityManager,
  ticketId: string,
  leasedUntil: Date,
): Promise<string | null> {
  const [rows]: [{ requester_id: string }[], number] = await manager.query(
    `delete from tickets t using guest_filings f
      where t.id = $1 and t.status = (select 'unverified')
        and f.ticket_id = t.id and f.challenge_id is null and f.leased_until = $2
     returning t.requester_id`,
    [ticketId, leasedUntil],
  );
  return rows[0]?.requester_id ?? null;
}
