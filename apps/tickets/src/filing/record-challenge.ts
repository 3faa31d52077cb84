import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, the challenge that was opened for it, when its code expires, and the lease. Result: true if it was recorded; then
 * nobody requests another one before the code expires. Lock: the filing.
 * Race: if the lease expired meanwhile, a repetition may have opened a challenge that replaced this one; the lease is the fence, and
 * the result is false.
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
