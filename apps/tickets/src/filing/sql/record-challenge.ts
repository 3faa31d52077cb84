import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, the challenge that was opened for it, the lease under which it was. Result: true if it counts. Lock: the filing.
 * Race: whoever dawdled until the lease ran out may have been overtaken by a repetition, whose challenge has replaced this
 * one; the lease is the fence, and then the answer is false.
 */
export async function recordChallenge(
  manager: EntityManager,
  ticketId: string,
  challengeId: string,
  leasedUntil: Date,
): Promise<boolean> {
  const [, rows]: [unknown, number] = await manager.query(
    `update guest_filings set challenge_id = $2
      where ticket_id = $1 and challenge_id is null and leased_until = $3`,
    [ticketId, challengeId, leasedUntil],
  );
  return rows > 0;
}
