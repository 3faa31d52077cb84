import type { RevokeLinksResponse } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';
import { forgetChallenges } from '../challenges/forget-challenges.js';

/**
 * Takes from everybody, or from one address, what they have to come to a ticket with: links, codes, and sessions that were opened with them.
 * in: the ticket, a normalised address or null · out: how many links that were alive, and how many sessions · lock: those rows · race: a link
 * that is used at the same time. Who uses it holds its row until their session has the ticket (`spend-code`, `add-ticket`), so either
 * we wait and then see that session, or they find the link revoked.
 */
export async function revokeLinks(
  manager: EntityManager,
  ticketId: string,
  email: string | null,
): Promise<RevokeLinksResponse> {
  const values = [ticketId, email];
  await forgetChallenges(manager, ticketId, email);
  // Two statements: the second sees what was committed while the first waited.
  const [, links]: [unknown, number] = await manager.query(
    'update links set revoked_at = now() where ticket_id = $1 and email = coalesce($2, email) and revoked_at is null',
    values,
  );
  const [, sessions]: [unknown, number] = await manager.query(
    `update sessions set ticket_ids = array_remove(ticket_ids, $1::uuid)
     where ticket_ids @> array[$1::uuid] and email = coalesce($2, email)`,
    values,
  );
  return { links, sessions };
}
