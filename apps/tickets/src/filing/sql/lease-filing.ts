import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, now, until when the address will be asked. Result: true if the question is ours to put now. Lock: the filing.
 * Race: of two repetitions at once the second waits here, finds the lease taken, and gets false; also when the question was
 * answered, or the filing is gone.
 */
export async function leaseFiling(
  manager: EntityManager,
  ticketId: string,
  now: Date,
  leasedUntil: Date,
): Promise<boolean> {
  const [, rows]: [unknown, number] = await manager.query(
    `update guest_filings set leased_until = $3
      where ticket_id = $1 and challenge_id is null and leased_until <= $2`,
    [ticketId, now, leasedUntil],
  );
  return rows > 0;
}
