import type { EntityManager } from 'typeorm';

/**
 * Inputs: a ticket, now, until when the address will be asked. Result: true if the question is ours to put now: for the first
 * time, again because nobody knows what became of it, or again because its code ran out unused. Lock: the filing. Race: of two
 * repetitions at once the second waits here, finds the lease taken, and gets false; also while a code lives, or the filing is gone.
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
