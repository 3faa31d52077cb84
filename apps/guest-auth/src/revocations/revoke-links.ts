import type { RevokeLinksResponse } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';
import { deleteChallenges } from '../challenges/challenge-store.js';
import { markRevoked } from '../links/link-store.js';
import { removeTicket } from '../sessions/session-store.js';

/**
 * Revokes all access to a ticket, or that of one address: challenges, links, and the ticket in open sessions. Call it in a transaction.
 *
 * The order closes the race with a link that is being used. Its user holds the row of the link or challenge until the session has the ticket
 * (`addTicket`, `spendCode`). Either we wait for that row and then see the session, or the user finds the link revoked. Sessions are last, in a
 * statement of their own, because that statement must see what was committed while the others waited.
 *
 * @param email normalised; null for everybody
 * @returns how many links were alive, and how many sessions had the ticket
 */
export async function revokeLinks(
  manager: EntityManager,
  ticketId: string,
  email: string | null,
): Promise<RevokeLinksResponse> {
  await deleteChallenges(manager, ticketId, email);
  const links = await markRevoked(manager, ticketId, email);
  const sessions = await removeTicket(manager, ticketId, email);
  return { links, sessions };
}
