import type { EntityManager } from 'typeorm';

/**
 * Forgets the challenges of a ticket: neither does a code that is on its way open it, nor is a verification repeated.
 * in: the ticket, a normalised address or null for all · out: nothing · lock: those rows · race: a verification at the same time holds its row until
 * its session has the ticket: we wait for it, or it finds no row. Hence to be called before anything is taken from sessions.
 */
export async function forgetChallenges(manager: EntityManager, ticketId: string, email: string | null): Promise<void> {
  await manager.query('delete from challenges where ticket_id = $1 and email = coalesce($2, email)', [ticketId, email]);
}
