import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, the lease to give up, now. Result: the next repetition may put the question at once. Lock: the filing.
 * Race: a lease that ran out and was taken by somebody else is left alone.
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
