import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, the lease to release, now. Result: the next repetition may request a challenge at once. Lock: the filing.
 * Race: a lease that expired and was taken by somebody else stays.
 */
export async function releaseFiling(
  manager: EntityManager,
  ticketId: string,
  leasedUntil: Date,
  now: Date,
): Promise<void> {
  await manager.query('update guest_filings set leased_until = $3 where ticket_id = $1 and leased_until = $2', [
    ticketId,
    leasedUntil,
    now,
  ]);
}
