import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, now, the end of the lease. Result: true if the caller may request a challenge now: the first one, one after a
 * request with unknown outcome, or one after an unused code has expired. Lock: the filing. Race: of two concurrent repetitions the
 * second waits here, finds the lease taken, and gets false; likewise while a code is valid, or when the filing is gone.
 */
export async function leaseFiling(
  manager: EntityManager,
  ticketId: string,
  now: Date,
  leasedUntil: Date,
): Promise<boolean> {
  const [, rows]: [unknown, number] = await manager.query(
    `update guest_filings f set leased_until = $3, challenge_id = null
      where ticket_id = $1 and leased_until <= $2
        and (challenge_id is null or exists (select from tickets t where t.id = f.ticket_id and t.status = (select 'unverified')))`,
    [ticketId, now, leasedUntil],
  );
  return rows > 0;
}
