import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, the challenge that was opened for it and when its code runs out, the lease under which it was. Result: true if it
 * counts; then nobody puts the question before the code has run out. Lock: the filing.
 * Race: whoever dawdled until the lease ran out may have been overtaken by a repetition, whose challenge has replaced this
 * one; the lease is the fence, and then the answer is false.
 */
export async function recordChallenge(
  manager: EntityManager,
  ticketId: string,
  { challengeId, expiresAt }: { readonly challengeId: string; readonly expiresAt: string },
  leasedUntil: Date,
): Promise<boolean> {
  const [, rows]: [unknown, number] = await manager.query(
    `update guest_filings set challenge_id = $2, leased_until = $4
      where ticket_id = $1 and challenge_id is null and leased_until = $3`,
    [ticketId, challengeId, leasedUntil, expiresAt],
  );
  return rows > 0;
}
